#![doc = include_str!("../README.md")]

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, Ident, Lit, Meta, Path, Result, Token, Type,
    Variant, parse_macro_input, punctuated::Punctuated,
};

/// Derives `json::ToJson`.
#[proc_macro_derive(ToJson, attributes(serde))]
pub fn to_json(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    writer(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Derives `json::FromJson`.
#[proc_macro_derive(FromJson, attributes(serde))]
pub fn from_json(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    reader(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// The attributes of a type, a variant or a field.
#[derive(Default)]
struct Settings {
    rename: Option<String>,
    rename_all: Option<String>,
    tag: Option<String>,
    skip_if: Option<Path>,
    deny_unknown: bool,
    default: bool,
    skip: bool,
    untagged: bool,
    converted: bool,
}

fn settings(attributes: &[Attribute]) -> Result<Settings> {
    let mut all = Settings::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        for meta in attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)? {
            let name = meta.path().get_ident().map(Ident::to_string).unwrap_or_default();
            match (name.as_str(), &meta) {
                ("default", Meta::Path(_)) => all.default = true,
                ("deny_unknown_fields", Meta::Path(_)) => all.deny_unknown = true,
                ("skip", Meta::Path(_)) => all.skip = true,
                ("transparent", Meta::Path(_)) => {}
                ("untagged", Meta::Path(_)) => all.untagged = true,
                ("rename", meta) => all.rename = Some(text(meta)?),
                ("rename_all", meta) => all.rename_all = Some(text(meta)?),
                ("tag", meta) => all.tag = Some(text(meta)?),
                ("skip_serializing_if", meta) => all.skip_if = Some(syn::parse_str(&text(meta)?)?),
                ("try_from" | "into", meta) if text(meta)? == "String" => all.converted = true,
                _ => return Err(Error::new_spanned(meta, "json knows no such attribute")),
            }
        }
    }
    Ok(all)
}

fn text(meta: &Meta) -> Result<String> {
    match meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.value()),
            other => Err(Error::new_spanned(other, "must be a text")),
        },
        other => Err(Error::new_spanned(other, "must have a text")),
    }
}

/// A name in JSON.
fn name(own: &Settings, all: &Settings, ident: &Ident) -> Result<String> {
    let ident = ident.to_string();
    let ident = ident.trim_start_matches("r#");
    if let Some(name) = &own.rename {
        return Ok(name.clone());
    }
    let words = || ident.split('_').flat_map(split).collect::<Vec<_>>();
    Ok(match all.rename_all.as_deref() {
        None => ident.to_owned(),
        Some("lowercase") => ident.to_lowercase(),
        Some("kebab-case") => words().join("-"),
        Some("camelCase") => {
            let mut out = String::new();
            for word in words() {
                let mut chars = word.chars();
                match chars.next().filter(|_| !out.is_empty()) {
                    Some(first) => out.extend(first.to_uppercase().chain(chars)),
                    None => out.push_str(&word),
                }
            }
            out
        }
        Some(_) => return Err(Error::new(Span::call_site(), "json knows no such spelling")),
    })
}

/// The words of a name in camel case, in small letters.
fn split(word: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in word.chars() {
        match words.last_mut().filter(|_| !letter.is_uppercase()) {
            Some(word) => word.push(letter),
            None => words.push(letter.to_lowercase().collect()),
        }
    }
    words
}

/// One field that is in the JSON.
struct Part<'a> {
    of: &'a Field,
    name: String,
    settings: Settings,
    /// What it is called in a pattern.
    bound: Ident,
}

/// The fields. A skipped one has its default.
fn parts<'a>(fields: &'a Fields, all: &Settings) -> Result<Vec<Part<'a>>> {
    fields
        .iter()
        .enumerate()
        .map(|(at, of)| {
            let settings = settings(&of.attrs)?;
            let name = of.ident.as_ref().map_or(Ok(String::new()), |ident| name(&settings, all, ident))?;
            Ok(Part { of, name, settings, bound: format_ident!("part_{at}") })
        })
        .collect()
}

fn is_option(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// `{ a: part_0, b: part_1 }` or `(part_0, part_1)`, as a pattern and as a value.
fn shape(fields: &Fields, parts: &[Part<'_>]) -> TokenStream {
    let bound = parts.iter().map(|part| &part.bound);
    match fields {
        Fields::Named(_) => {
            let names = parts.iter().map(|part| &part.of.ident);
            quote!({ #(#names: #bound),* })
        }
        Fields::Unnamed(_) => quote!(( #(#bound),* )),
        Fields::Unit => TokenStream::new(),
    }
}

fn wrapped(input: &DeriveInput, of: &TokenStream, body: &TokenStream) -> TokenStream {
    let name = &input.ident;
    let (generics, types, wheres) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::json::#of for #name #types #wheres {
            #body
        }
    }
}

fn writer(input: &DeriveInput) -> Result<TokenStream> {
    let all = settings(&input.attrs)?;
    let body = match &input.data {
        Data::Struct(data) => {
            let parts = parts(&data.fields, &all)?;
            let shape = shape(&data.fields, &parts);
            let write = if all.converted {
                quote!(out.text(&::std::string::String::from(::core::clone::Clone::clone(self)));)
            } else {
                write_fields(&data.fields, &parts, &TokenStream::new())?
            };
            if all.converted { write } else { quote!(let Self #shape = self; #write) }
        }
        Data::Enum(data) if all.converted => {
            let _ = data;
            quote!(out.text(&::std::string::String::from(::core::clone::Clone::clone(self)));)
        }
        Data::Enum(data) => {
            let arms = data.variants.iter().map(|variant| write_variant(variant, &all)).collect::<Result<Vec<_>>>()?;
            quote!(match self { #(#arms)* })
        }
        Data::Union(_) => return Err(Error::new(Span::call_site(), "a union is no JSON")),
    };
    let method = quote!(fn write(&self, out: &mut ::json::Writer) { #body });
    Ok(wrapped(input, &quote!(ToJson), &method))
}

/// Writes bound fields. `tag` is a first member with its comma.
fn write_fields(fields: &Fields, parts: &[Part<'_>], tag: &TokenStream) -> Result<TokenStream> {
    let written: Vec<_> = parts.iter().filter(|part| !part.settings.skip).collect();
    let unused = parts.iter().filter(|part| part.settings.skip).map(|part| &part.bound);
    let bound: Vec<_> = written.iter().map(|part| &part.bound).collect();
    Ok(match fields {
        Fields::Named(_) => {
            let names = written.iter().map(|part| &part.name);
            let absent = written.iter().enumerate().filter_map(|(at, part)| {
                let (path, bound) = (part.settings.skip_if.as_ref()?, &part.bound);
                Some(quote!(if #path(#bound) { absent |= 1 << #at; }))
            });
            let absent: Vec<_> = absent.collect();
            let mutable = if absent.is_empty() { quote!() } else { quote!(mut) };
            quote! {
                #(let _ = #unused;)*
                let #mutable absent = 0_u64;
                #(#absent)*
                out.fields(&[#tag #(#names),*], absent, &[#tag #(#bound as &dyn ::json::ToJson),*]);
            }
        }
        Fields::Unnamed(_) if written.len() == 1 => quote!(#(::json::ToJson::write(#bound, out);)*),
        Fields::Unnamed(_) => quote!(out.list(&[#(#bound as &dyn ::json::ToJson),*]);),
        Fields::Unit => return Err(Error::new(Span::call_site(), "a unit is no JSON")),
    })
}

fn write_variant(variant: &Variant, all: &Settings) -> Result<TokenStream> {
    let own = settings(&variant.attrs)?;
    let (ident, name) = (&variant.ident, name(&own, all, &variant.ident)?);
    let parts = parts(&variant.fields, &Settings::default())?;
    let shape = shape(&variant.fields, &parts);
    let write = match (&variant.fields, &all.tag) {
        (fields, _) if all.untagged => write_fields(fields, &parts, &TokenStream::new())?,
        (Fields::Named(_), Some(tag)) => {
            let absent = write_tagged(&parts, tag, &name)?;
            quote!(#absent)
        }
        (_, Some(_)) => return Err(Error::new_spanned(variant, "json tags structs alone")),
        (Fields::Unit, None) => quote!(out.text(#name);),
        (fields, None) => {
            let write = write_fields(fields, &parts, &TokenStream::new())?;
            quote!(out.open_variant(#name); #write out.close_variant();)
        }
    };
    Ok(quote!(Self::#ident #shape => { #write }))
}

fn write_tagged(parts: &[Part<'_>], tag: &str, name: &str) -> Result<TokenStream> {
    if parts.iter().any(|part| part.settings.skip || part.settings.skip_if.is_some()) {
        return Err(Error::new(Span::call_site(), "json skips no field of a tagged variant"));
    }
    let names = parts.iter().map(|part| &part.name);
    let bound = parts.iter().map(|part| &part.bound);
    Ok(quote!(out.fields(&[#tag, #(#names),*], 0, &[&#name as &dyn ::json::ToJson, #(#bound),*]);))
}

fn reader(input: &DeriveInput) -> Result<TokenStream> {
    let all = settings(&input.attrs)?;
    let (blank, read) = match &input.data {
        Data::Struct(data) => {
            let parts = parts(&data.fields, &all)?;
            let blank = if all.default {
                quote!(::core::default::Default::default())
            } else {
                let blank = blanks(&data.fields, &parts);
                quote!(Self #blank)
            };
            let read = if all.converted {
                quote! {
                    let mut text = ::std::string::String::new();
                    ::json::FromJson::read(&mut text, from)?;
                    *self = ::core::convert::TryFrom::try_from(text).map_err(|_| ::json::JsonError)?;
                    Ok(())
                }
            } else {
                let shape = shape(&data.fields, &parts);
                let unused = parts.iter().filter(|part| part.settings.skip).map(|part| &part.bound);
                let read = read_fields(&data.fields, &parts, &all, &TokenStream::new())?;
                quote!(let Self #shape = self; #(let _ = #unused;)* #read)
            };
            (blank, read)
        }
        Data::Enum(data) if all.untagged => untagged(data.variants.iter())?,
        Data::Enum(data) => {
            let fewest = data.variants.iter().min_by_key(|variant| variant.fields.len());
            let fewest = fewest.ok_or_else(|| Error::new(Span::call_site(), "an enum without variants is no JSON"))?;
            let blank = {
                let (ident, blank) = (&fewest.ident, blanks(&fewest.fields, &parts(&fewest.fields, &all)?));
                quote!(Self::#ident #blank)
            };
            let mut names = Vec::new();
            let mut arms = Vec::new();
            for (at, variant) in data.variants.iter().enumerate() {
                names.push(name(&settings(&variant.attrs)?, &all, &variant.ident)?);
                arms.push(read_variant(at, variant)?);
            }
            let read = quote! {
                let (at, content) = from.variant(&[#(#names),*])?;
                *self = match at { #(#arms)* _ => return Err(::json::JsonError) };
                from.end_variant(content)
            };
            (blank, read)
        }
        Data::Union(_) => return Err(Error::new(Span::call_site(), "a union is no JSON")),
    };
    let methods = quote! {
        fn blank() -> Self { #blank }
        fn read(&mut self, from: &mut ::json::Reader<'_>) -> ::core::result::Result<(), ::json::JsonError> { #read }
    };
    Ok(wrapped(input, &quote!(FromJson), &methods))
}

/// Each field blank: `{ a: …, b: … }`.
fn blanks(fields: &Fields, parts: &[Part<'_>]) -> TokenStream {
    let values: Vec<_> = parts
        .iter()
        .map(|part| {
            if part.settings.default || part.settings.skip {
                quote!(::core::default::Default::default())
            } else {
                quote!(::json::FromJson::blank())
            }
        })
        .collect();
    match fields {
        Fields::Named(_) => {
            let names = parts.iter().map(|part| &part.of.ident);
            quote!({ #(#names: #values),* })
        }
        Fields::Unnamed(_) => quote!(( #(#values),* )),
        Fields::Unit => TokenStream::new(),
    }
}

/// Reads bound fields. `reference` makes a mutable reference of a bound one.
fn read_fields(fields: &Fields, parts: &[Part<'_>], all: &Settings, reference: &TokenStream) -> Result<TokenStream> {
    let read: Vec<_> = parts.iter().filter(|part| !part.settings.skip).collect();
    let bound: Vec<_> = read.iter().map(|part| &part.bound).collect();
    Ok(match fields {
        Fields::Named(_) => {
            let names = read.iter().map(|part| &part.name);
            let strict = all.deny_unknown;
            let mut needed = 0_u64;
            for (at, part) in read.iter().enumerate() {
                if !(part.settings.default || all.default || is_option(&part.of.ty)) {
                    needed |= 1 << at;
                }
            }
            if read.len() > 63 {
                return Err(Error::new_spanned(fields, "json reads 63 fields at most"));
            }
            quote!(from.fields(&[#(#names),*], #strict, #needed, &mut [#(#reference #bound as &mut dyn ::json::FromJson),*]))
        }
        Fields::Unnamed(_) if read.len() == 1 => quote!(#(::json::FromJson::read(#reference #bound, from))*),
        Fields::Unnamed(_) => quote!(from.list(&mut [#(#reference #bound as &mut dyn ::json::FromJson),*])),
        Fields::Unit => return Err(Error::new(Span::call_site(), "a unit is no JSON")),
    })
}

fn read_variant(at: usize, variant: &Variant) -> Result<TokenStream> {
    // serde's attribute of a container is not one of its variants' fields.
    let none = Settings::default();
    let parts = parts(&variant.fields, &none)?;
    let ident = &variant.ident;
    if variant.fields.is_empty() {
        return Ok(quote!(#at => { from.unit(content)?; Self::#ident }));
    }
    let lets = parts.iter().map(|part| {
        let bound = &part.bound;
        if part.settings.default {
            quote!(let mut #bound = ::core::default::Default::default();)
        } else {
            quote!(let mut #bound = ::json::FromJson::blank();)
        }
    });
    let shape = shape(&variant.fields, &parts);
    let read = read_fields(&variant.fields, &parts, &none, &quote!(&mut))?;
    Ok(quote!(#at => { from.content(content)?; #(#lets)* #read?; Self::#ident #shape }))
}

/// The first variant of which the JSON is. Each has one field.
fn untagged<'a>(variants: impl Iterator<Item = &'a Variant> + Clone) -> Result<(TokenStream, TokenStream)> {
    let mut blank = None;
    let mut tries = Vec::new();
    for variant in variants {
        let ident = &variant.ident;
        if !matches!(&variant.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1) {
            return Err(Error::new_spanned(variant, "json reads untagged variants of one field"));
        }
        blank.get_or_insert_with(|| quote!(Self::#ident(::json::FromJson::blank())));
        tries.push(quote! {
            let mut value = ::json::FromJson::blank();
            if from.attempt(&mut value) {
                *self = Self::#ident(value);
                return Ok(());
            }
        });
    }
    Ok((blank.unwrap_or_default(), quote!(#(#tries)* Err(::json::JsonError))))
}
