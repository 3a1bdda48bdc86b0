//! How far somebody has read.
