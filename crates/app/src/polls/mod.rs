//! Voting.
