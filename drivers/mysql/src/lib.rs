//! The mysql driver of Aludel.
