//! End-to-end tests of Aludel.
