extension String {
  /// A path without slashes at its end: `a/b` of `a/b/`. They say that it leads to a folder.
  package var withoutSlashesAtEnd: String {
    var path = self[...]
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    return String(path)
  }

  /// The last part of a path, without slashes at its end: `c` of `a/b/c/`. The whole text where there is none, as for `/`.
  package var fileName: String { split(separator: "/").last.map(String.init) ?? self }

  /// The folder that a path is in: `a/b` of `a/b/c`, `.` of `c`, and `/` of `/c`.
  package var parentFolder: String {
    guard let slash = lastIndex(of: "/") else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }
}
