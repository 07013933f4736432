import Voxtile
import VoxtileFormats
import VoxtileStore

/// What happens to results that are there already.
@nonexhaustive
public enum ExistingResults: Hashable, Sendable {
  /// Nothing is done if there are any.
  case refuse
  /// What is finished and would be the same is kept, everything else is made.
  case resume
  /// All are made again.
  case replace
}

/// What is done with a case, and why.
public enum CaseDecision: Hashable, Sendable {
  /// Its results are there, and would be the same.
  case skip
  /// Its results are made; what is there is replaced where the journal says that it is of an older run.
  case perform(RerunReason, replacing: Bool)
}

extension JournalEntry.Output {
  /// Looks at a result on the disk.
  ///
  /// - Returns: `nil` where it is not there.
  /// - Complexity: O(size of the files).
  init?(_ result: CaseResult, in folder: String) throws {
    let path = result.path(in: folder)
    guard FormatProbe(path).kind != .missing else { return nil }
    self.init(
      name: result.nameInJournal, kind: result.kind, bytes: try Checksum.byteCount(ofImage: path),
      checksum: "\(try Checksum(ofImage: path))")
  }
}

extension CaseDecision {
  /// Decides whether a case is done, from what an older run has left.
  ///
  /// - Parameters:
  ///   - results: the results that it is to have.
  ///   - entry: the last line of the case in the journal.
  ///   - fingerprint: what they would be made from and with; asked for only where all are there.
  /// - Throws: `VoxtileError.Code.targetExists` where a file is in the way that no run has made, and what looking at files throws.
  init(
    _ one: ScanCase, results: [CaseResult], in folder: String, existing: ExistingResults,
    entry: JournalEntry?,
    fingerprint: () async throws -> CaseFingerprint
  ) async throws {
    self = try await Self.decide(results, in: folder, existing: existing, entry: entry, fingerprint)
  }

  private static func decide(
    _ results: [CaseResult], in folder: String, existing: ExistingResults, entry: JournalEntry?,
    _ fingerprint: () async throws -> CaseFingerprint
  ) async throws -> CaseDecision {
    if existing == .replace { return .perform(.all, replacing: true) }
    guard let entry, entry.ownsResults else {
      if let foreign = results.first(where: { FileIdentity($0.path(in: folder)) != nil }) {
        throw VoxtileError(
          .targetExists, "exists, but no run that is in the journal has made it, so it is kept",
          remedy: .replaceForeign,
          context: .init(file: foreign.path(in: folder)))
      }
      return .perform(entry == nil ? .neverRun : .notFinished, replacing: false)
    }
    guard entry.event == .done, let before = entry.fingerprint else {
      return .perform(.notFinished, replacing: true)
    }
    for result in results {
      guard let written = entry.outputs.first(where: { $0.name == result.nameInJournal }) else {
        if FileIdentity(result.path(in: folder)) != nil {
          throw VoxtileError(
            .targetExists, "exists, but the run before has made other files, so it is kept",
            remedy: .replaceForeign,
            context: .init(file: result.path(in: folder)))
        }
        return .perform(.outputMissing(result.nameInJournal), replacing: true)
      }
      guard let found = try JournalEntry.Output(result, in: folder) else {
        return .perform(.outputMissing(result.nameInJournal), replacing: true)
      }
      if (found.bytes, found.checksum) != (written.bytes, written.checksum) {
        return .perform(.outputChanged(result.nameInJournal), replacing: true)
      }
    }
    return try await fingerprint().difference(from: before).map { .perform($0, replacing: true) } ?? .skip
  }
}
