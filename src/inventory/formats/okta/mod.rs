//! Okta: API tokens, and users as a register of people.

mod api_tokens;
mod users;

pub use api_tokens::API_TOKENS;
pub use users::USERS;
