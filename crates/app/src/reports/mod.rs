//! Reports to staff.
