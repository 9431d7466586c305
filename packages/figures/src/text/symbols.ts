/**
 * TeX's names of signs, as far as labels use them.
 *
 * @module
 */

/** Names and signs in turn, separated by white space. */
function table(text: string): ReadonlyMap<string, string> {
  const words = text.trim().split(/\s+/);
  const entries = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) entries.set(words[i] as string, words[i + 1] as string);
  return entries;
}

/** Signs that stand like letters. */
export const SYMBOLS = table(`
  alpha α  beta β  gamma γ  delta δ  epsilon ϵ  varepsilon ε  zeta ζ  eta η  theta θ  iota ι  kappa κ  lambda λ  mu μ  nu ν
  xi ξ  pi π  rho ρ  sigma σ  tau τ  upsilon υ  phi ϕ  varphi φ  chi χ  psi ψ  omega ω
  Gamma Γ  Delta Δ  Theta Θ  Lambda Λ  Xi Ξ  Pi Π  Sigma Σ  Upsilon Υ  Phi Φ  Psi Ψ  Omega Ω
  partial ∂  nabla ∇  infty ∞  sum ∑  prod ∏  sqrt √  ell ℓ  prime ′  forall ∀  exists ∃  emptyset ∅  top ⊤
  ldots …  dots …  cdots ⋯  mid |  vert |  Vert ‖  | ‖  langle ⟨  rangle ⟩  { {  } }  $ $  % %  # #  & &  _ _
`);

/** Relations and binary operators, which get room on both sides. */
export const OPERATORS = table(`
  circ ∘  cdot ⋅  times ×  pm ±  mp ∓  odot ⊙  otimes ⊗  oplus ⊕  ast ∗  div ÷  star ⋆  setminus ∖  cup ∪  cap ∩
  leq ≤  le ≤  geq ≥  ge ≥  neq ≠  ne ≠  approx ≈  equiv ≡  sim ∼  propto ∝  in ∈  notin ∉  subset ⊂  ll ≪  gg ≫
  to →  rightarrow →  leftarrow ←  gets ←  leftrightarrow ↔  mapsto ↦  Rightarrow ⇒  Leftarrow ⇐  Leftrightarrow ⇔
  uparrow ↑  downarrow ↓
`);

export const THIN_SPACE = "\u2009";

/** White space that is asked for by name. */
export const SPACES: ReadonlyMap<string, string> = new Map([
  [",", THIN_SPACE],
  [":", "\u2005"],
  [";", "\u2005"],
  ["!", ""],
  [" ", " "],
  ["quad", "\u2003"],
  ["qquad", "\u2003\u2003"],
]);

/** Marks over a letter, as combining characters. */
export const ACCENTS: ReadonlyMap<string, string> = new Map([
  ["hat", "\u0302"],
  ["widehat", "\u0302"],
  ["tilde", "\u0303"],
  ["widetilde", "\u0303"],
  ["bar", "\u0304"],
  ["overline", "\u0304"],
  ["dot", "\u0307"],
  ["ddot", "\u0308"],
  ["vec", "\u20d7"],
]);

/** Functions, written upright. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  "tanh sinh cosh sin cos tan exp log ln max min arg argmax argmin softmax dim det lim".split(" "),
);

export type LetterStyle = "italic" | "upright";

export const STYLES: ReadonlyMap<string, LetterStyle> = new Map([
  ["mathrm", "upright"],
  ["mathregular", "upright"],
  ["operatorname", "upright"],
  ["text", "upright"],
  ["mathit", "italic"],
  ["mathdefault", "italic"],
]);

/** Letters that Unicode also has as subscripts and superscripts. */
export const SUBSCRIPTS = scripts("0123456789+−-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ");
export const SUPERSCRIPTS = scripts("0123456789+−-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ");

function scripts(letters: string, small: string): ReadonlyMap<string, string> {
  const signs = [...small];
  return new Map([...letters].map((letter, i) => [letter, signs[i] as string]));
}
