/// The version of the package.
public enum LibraryVersion {
  /// The version that this source is of, as in `0.2.0` (semantic versioning).
  public static let current = "0.2.0"
}
