//! The pages a person sees in a browser: sign-in, consent, set-up, public profiles and posts.
//!
//! Pages are plain structs rendered by askama; they know nothing of the database and decide nothing
//! about who may see what: `routes` asks `app` and fills them. Everything a page needs comes from our own origin: style, script and
//! pictures are compiled in (`assets`), and `security` gives the headers that hold pages to it.

pub mod assets;
pub mod language;
pub mod pages;
pub mod paths;
mod routes;
pub mod scopes;
pub mod security;
pub mod view;

/// Gives every page its `render()`; callers need the trait in scope.
pub use askama::Template;
pub use language::t;
pub use routes::router;
pub use security::{PagePolicy, security_headers};
