//! Uploads: receiving, processing, describing, serving.
