extension String {
  private static let plainCharacters = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:%@")

  /// A word of a command as a person can type it: in quotation marks where a shell needs them.
  var quotedForShell: String {
    !isEmpty && allSatisfy(Self.plainCharacters.contains)
      ? self : "'\(replacing("'", with: "'\\''"))'"
  }
}
