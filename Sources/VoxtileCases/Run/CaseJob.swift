/// Something that is done with each of many cases.
public protocol CaseJob: Sendable {
  /// A case that is ready to be worked on.
  associatedtype Prepared: Sendable

  /// The results of a case.
  func results(of one: ScanCase) -> [CaseResult]

  /// What the results of a case are made from and with. Reads its files.
  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint

  /// Gets a case ready while another one is worked on: opens its files, and plans.
  func prepare(_ one: ScanCase) async throws -> Prepared

  /// Makes the results of a case, and gives them their names when they are on the disk.
  ///
  /// - Parameters:
  ///   - prepared: what ``prepare(_:)`` has given.
  ///   - one: the case.
  ///   - isReplacing: whether results that are there may be replaced.
  func perform(_ prepared: Prepared, of one: ScanCase, replacing isReplacing: Bool) async throws
    -> CaseFindings
}

/// A file, or a folder of files, that is made of a case.
public struct CaseResult: Hashable, Sendable {
  /// Its path below its folder.
  public var name: String
  /// What it is, such as `labels`.
  public var kind: String?
  /// The folder that it lies in, where that is another one than the folder of results.
  public var folder: String?

  /// Creates a result.
  public init(_ name: String, kind: String? = nil, in folder: String? = nil) {
    self.name = name
    self.kind = kind
    self.folder = folder
  }

  /// The path of the file.
  ///
  /// - Parameter results: the folder of results.
  public func path(in results: String) -> String { "\(folder ?? results)/\(name)" }

  /// What the journal calls it: its path, from the folder of results on where it lies there.
  var nameInJournal: String { folder.map { "\($0)/\(name)" } ?? name }
}
