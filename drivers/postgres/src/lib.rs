//! The postgres driver of Aludel.
