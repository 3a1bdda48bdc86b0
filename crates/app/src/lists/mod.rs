//! Lists of followed accounts.
