//! Hashtags: following and featuring.
