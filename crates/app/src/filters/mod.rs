//! Filters: editing them, and what they hit.
