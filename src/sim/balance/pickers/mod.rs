//! One file a mechanism. Which algorithm uses which is said once, in
//! [`super::algorithm::build`].

pub mod smooth_wrr;
