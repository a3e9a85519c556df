//! What an attacker tries, on every route: the routes come from the router's own description ([`surface`]), so that a new
//! one is tried without anybody's doing, and one that nobody knows how to call fails the tests.

mod access;
mod blocks;
mod csrf;
mod enumeration;
mod fields;
mod injection;
mod limits;
mod logs;
mod relay;
mod secrets;
mod sql;
mod surface;
mod texts;
mod tokens;
