/** Which npm package, in which versions, and in which of its files the patched classes are born. */
export interface ModuleGate extends PackageGate {
  /** Both bounds, whole majors: `{ from: '4.0.0', below: '8.0.0' }`. A version outside is reported, never silent. */
  readonly versions: { readonly from: string; readonly below: string };
}

/** Of what may be of any version: what has not the form that is known is left alone. */
export interface PackageGate {
  readonly package: string;
  readonly versions?: { readonly from: string; readonly below: string };
  /** Paths inside the package without extension; each that defines a class of `exportName` counts. */
  readonly files: readonly string[];
  /** The class, or the classes, as `class X` in the source names them; exported or not, renamed by a bundler or not. */
  readonly exportName?: string | readonly string[];
  /** Functions of those files, as they are declared there or exported, that others are put in the place of. */
  readonly functionNames?: readonly string[];
  /** Texts that stand together in its code and that no minifier changes: a bundle with all of them holds the SDK. */
  readonly signature?: readonly string[];
}
