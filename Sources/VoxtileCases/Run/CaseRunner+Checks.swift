import Voxtile
import VoxtileFormats

extension CaseRunner {
  /// The cases without images that an earlier run wrote, as results, into the folder of the scans.
  ///
  /// - Complexity: O(images and results), each of which is looked up on the disk.
  public static func withoutResults(_ cases: CaseList, of job: some CaseJob, in folder: String) -> CaseList {
    var makers: [FileIdentity: ScanCase] = [:]
    for one in cases {
      for result in job.results(of: one) {
        if let file = FileIdentity(result.path(in: folder)) { makers[file] = one }
      }
    }
    guard !makers.isEmpty else { return cases }
    return cases.filtered { one in
      !one.images.contains { image in
        FileIdentity(image).flatMap { makers[$0] }.map { $0 != one } ?? false
      }
    }
  }

  /// Checks, before anything is done, that the results of all cases can have their names.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where two cases would write one file, or one into a folder that is the result of another,
  ///   and where results exist that may not be replaced, or are files that are read.
  /// - Complexity: O(results), and a look at each name on the disk.
  public func check(_ job: some CaseJob) throws(VoxtileError) {
    var owners: [String: ScanCase] = [:]
    // Results may lie in several folders, each of which is looked at for itself.
    var counts: [String: Int] = [:]
    var present: [CaseResult] = []
    for one in cases {
      for result in job.results(of: one) {
        let path = result.path(in: folder)
        counts[result.folder ?? folder, default: 0] += 1
        if let other = owners.updateValue(one, forKey: path) {
          throw VoxtileError(
            .targetExists,
            "would be written for '\(other.name)' and for '\(one.name)'; give the results different names",
            context: .init(file: path))
        }
        if FileIdentity(path) != nil { present.append(result) }
      }
    }
    try checkAreApart(owners)
    try checkAreNotRead(owners)
    let journals = Journal.names(in: folder).filter { part.isWhole || $0 == Journal.name(of: part) }
    guard existing == .refuse else { return }
    if let first = present.first {
      let place = first.folder ?? folder
      let count = present.count { ($0.folder ?? folder) == place }
      throw VoxtileError(
        .targetExists, "holds \(count) of \(counts[place] ?? count) results already, such as \(first.name)",
        // A run without a journal has made none of them, so there is nothing to go on with.
        remedy: Journal.names(in: folder).isEmpty ? .replaceTarget : .resumeOrReplace,
        context: .init(file: place))
    }
    if let journal = journals.first {
      throw VoxtileError(
        .targetExists, "holds the journal of an older run, \(journal)", remedy: .resumeOrReplace,
        context: .init(file: folder))
    }
  }

  /// Makes sure that no result lies in a folder that is the result of another case, as `a/b` lies in `a`.
  private func checkAreApart(_ owners: [String: ScanCase]) throws(VoxtileError) {
    for (name, one) in owners.sorted(by: { $0.key < $1.key }) {
      var rest = name[...]
      while let slash = rest.lastIndex(of: "/") {
        rest = rest[..<slash]
        guard let other = owners[String(rest)] else { continue }
        throw VoxtileError(
          .targetExists,
          "would be the result of '\(other.name)', and hold that of '\(one.name)'; give the results names that end alike, such as "
            + "{case}_patches, or give one of the two another name",
          context: .init(file: String(rest)))
      }
    }
  }

  /// Makes sure that no result takes the place of a file that is read.
  private func checkAreNotRead(_ owners: [String: ScanCase]) throws(VoxtileError) {
    let files = cases.flatMap { $0.images + [$0.mask, $0.labels].compactMap(\.self) } + cases.otherFiles
    let read = Set(files.compactMap(FileIdentity.init))
    for name in owners.keys.sorted() {
      guard let file = FileIdentity(name), read.contains(file) else { continue }
      throw VoxtileError(
        .targetExists,
        "is read by this run, and would be replaced by a result; name another folder for the results, or give them names such as "
          + "{case}_new",
        context: .init(file: name))
    }
  }
}
