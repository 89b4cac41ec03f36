/// Defines an error enum from one list: its stable `code()`, its sentence, and `ALL`, the source of the generated
/// documentation and TypeScript types.
///
/// The first line of a variant's doc comment is shown to people. It states the fault and contains no user input.
///
/// ```
/// base::codes! {
///     /// Why a colour was refused.
///     pub enum ColourError {
///         /// The colour has no name.
///         Nameless = "COLOUR_NAMELESS",
///         /// A character of the colour cannot be read.
///         BadCharacter { at: usize } = "COLOUR_BAD_CHARACTER",
///     }
/// }
/// assert_eq!(ColourError::BadCharacter { at: 3 }.code(), "COLOUR_BAD_CHARACTER");
/// assert_eq!(ColourError::Nameless.to_string(), "The colour has no name.");
/// assert_eq!(ColourError::ALL[0], ("COLOUR_NAMELESS", "The colour has no name."));
/// ```
#[macro_export]
macro_rules! codes {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $(
                #[doc = $doc:literal] $(#[$more:meta])*
                $variant:ident $({ $($(#[$field_meta:meta])* $field:ident : $type:ty),+ $(,)? })? = $code:literal
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name {
            $(
                #[doc = $doc] $(#[$more])*
                $variant $({ $(#[doc = "Position or bound that the sentence refers to."] $(#[$field_meta])* $field: $type),+ })?
            ),+
        }

        impl $name {
            /// Every code with its sentence, in the order of the list.
            pub const ALL: &'static [(&'static str, &'static str)] = &[$(($code, $doc.trim_ascii())),+];

            /// The stable code. It is never renamed and never reused for another error.
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code),+ }
            }

            /// The sentence.
            pub const fn sentence(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $doc.trim_ascii()),+ }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.sentence())
            }
        }

        impl ::core::error::Error for $name {}
    };
}
