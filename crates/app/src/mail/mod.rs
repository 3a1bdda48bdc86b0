//! Mail: in local mode written to the data folder.
