//! The blob room.
