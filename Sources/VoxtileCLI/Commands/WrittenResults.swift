import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What `infer` and merges of predictions have written: a result that is named, or all in a folder or of a pattern.
struct WrittenResults {
  /// The results with a record, which may itself be missing.
  private(set) var results: [String] = []
  /// Predictions that were kept.
  private(set) var predictions: [String] = []
  /// Images of a folder that have no record.
  private(set) var unrecorded: [String] = []

  /// Images of which other parts are still to be merged.
  private(set) var unfinished: [String] = []

  /// Whether there is nothing to check.
  var isEmpty: Bool { results.isEmpty && predictions.isEmpty && unfinished.isEmpty }

  init(_ path: String) {
    if JobParts.areBegun(for: path) {
      unfinished = [path]
    } else if Self.hasRecord(path) {
      results = [path]
    } else if FormatProbe(path).kind == .missing, let pattern = CasePattern(path) {
      for path in (try? pattern.matches()) ?? [] {
        if JobParts.areBegun(for: path) {
          unfinished.append(path)
          continue
        }
        if Self.hasRecord(path) { results.append(path) }
        if ZarrPredictions.isHeld(at: path) { predictions.append(path) }
      }
    } else if FormatProbe(path).kind == .folder, !PatchFolderSearch.isPatchFolder(path) {
      look(in: path.withoutSlashesAtEnd)
    }
  }

  private static func hasRecord(_ path: String) -> Bool {
    FormatProbe(PredictionFiles.record(of: path)).kind == .file
  }

  /// Adds what a folder holds, at any depth, but for patches and what is hidden.
  private mutating func look(in folder: String) {
    let ending = PredictionFiles.record(of: "")
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    let recorded = Set(names.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) })
    // An image may have several files, of which the record names the first.
    let parts = Set(recorded.flatMap { ImageFormats.registry.files(of: "\(folder)/\($0)") })
    for name in Set(names).union(recorded).sorted() where !name.hasPrefix(".") && !name.hasSuffix(ending) {
      let path = "\(folder)/\(name)"
      if JobParts.areBegun(for: path) {
        unfinished.append(path)
      } else if recorded.contains(name) {
        results.append(path)
      } else if ZarrPredictions.isHeld(at: path) {
        predictions.append(path)
      } else if ImageFormats.registry.recognizes(path) {
        if !parts.contains(path) { unrecorded.append(path) }
      } else if FormatProbe(path).kind == .folder, !PatchFolderSearch.isPatchFolder(path) {
        look(in: path)
      }
    }
  }
}
