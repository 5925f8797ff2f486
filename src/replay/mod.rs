//! Recorded traces, decided again.
