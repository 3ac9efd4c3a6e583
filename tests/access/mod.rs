//! Who may see and do what in which product: roles by product, private products, and tokens that are limited to products.

mod canary;
mod roles;
mod secret;
mod stream;
