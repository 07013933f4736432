#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders with C libraries into which the system's loader may not look.
package enum LibraryFolders {
  /// The folder for what an administrator has installed, and that of Homebrew, which says itself where it is.
  ///
  /// - Parameter variable: gives the value of a variable of the environment; `nil` where it is unset or empty.
  package static func all(variable: (String) -> String? = variable) -> [String] {
    ["/usr/local/lib"] + (variable("HOMEBREW_PREFIX").map { ["\($0)/lib"] } ?? [])
  }

  /// A variable of the environment; `nil` where it is unset or empty.
  package static func variable(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }
}
