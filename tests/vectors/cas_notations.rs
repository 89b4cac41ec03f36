//! Raw answers with attributes in notations beside the protocol's own, in `cas_notations/`.

/// Recorded from Apereo CAS 6.6.15 with `cas.view.cas3.attribute-renderer-type=INLINE`.
pub const APEREO_INLINE: &str = include_str!("cas_notations/apereo-inline.xml");
/// Recorded from django-cas-server 3.1.0: the block, and copies beside it.
pub const DJANGO_CAS_SERVER: &str = include_str!("cas_notations/django-cas-server.xml");
/// Written after the view of rubycas-server 1.1: YAML in the block, and JSON as its client reads it too.
pub const RUBYCAS: &str = include_str!("cas_notations/rubycas.xml");
/// Written after the view of rubycas-server 0.8: attributes beside the user.
pub const RUBYCAS_CHILDREN: &str = include_str!("cas_notations/rubycas-children.xml");
/// Written after a view that prints a list of Java.
pub const JAVA_LIST: &str = include_str!("cas_notations/java-list.xml");
