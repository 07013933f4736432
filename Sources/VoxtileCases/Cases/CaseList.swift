import Voxtile

/// Many scans, each once, in the order in which they are taken.
public struct CaseList: RandomAccessCollection, Sendable {
  private var cases: [ScanCase]
  /// Files that were found and are no images, as paths.
  public let passedOver: [String]
  /// Folders that were found and not searched.
  public let unsearched: [String]
  /// What was concluded from the names of the files, for a person; `nil` where nothing had to be guessed.
  public let guess: String?

  /// Files that are read beside those of the cases, such as the table that names them. No result takes their place.
  package var otherFiles: [String] = []

  /// Takes cases.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where two have one name, or a name cannot be that of a file.
  /// - Complexity: O(*n*).
  public init(
    _ cases: [ScanCase], passedOver: [String] = [], unsearched: [String] = [], guess: String? = nil
  ) throws(VoxtileError) {
    var known: [String: ScanCase] = [:]
    for one in cases {
      try Self.checkName(one.name)
      if let other = known.updateValue(one, forKey: one.name) {
        throw VoxtileError(
          .invalidOption,
          "\(other.images[0]) and \(one.images[0]) are both called '\(one.name)', so their results would have one name; "
            + "rename one, or give each a name in a table",
          context: .init(expected: "different names", found: one.name))
      }
    }
    self.cases = cases
    self.passedOver = passedOver
    self.unsearched = unsearched
    self.guess = guess
  }

  /// A name that results can have, inside the folder for them.
  private static func checkName(_ name: String) throws(VoxtileError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.utf8.contains(0), parts.allSatisfy({ !["", ".", ".."].contains($0) && !$0.hasPrefix("~") })
    else {
      throw VoxtileError(
        .invalidOption,
        "a case cannot be called '\(name)', since its results are named after it; use a name such as brain-01 or site/brain-01",
        context: .init(found: name))
    }
  }

  /// The place of the first case: 0.
  public var startIndex: Int { 0 }
  /// How many cases there are.
  public var endIndex: Int { cases.count }
  /// A case by its place.
  public subscript(position: Int) -> ScanCase { cases[position] }

  /// The cases for which a condition holds, in their order.
  public func filtered(_ isIncluded: (ScanCase) throws -> Bool) rethrows -> CaseList {
    var list = self
    list.cases = try cases.filter(isIncluded)
    return list
  }
}
