//! The sqlite driver of Aludel.
