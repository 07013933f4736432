import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ReplaceableFolder {
  /// A Zarr store: documents of Zarr and chunks, in folders of any name.
  static let zarr = ReplaceableFolder(holding: "a Zarr store") { folder, names in
    guard ZarrNode.documents.contains(where: names.contains) else { return names.first }
    return firstOther(in: folder, names)
  }

  private static func firstOther(in folder: String, _ names: [String]) -> String? {
    for name in names {
      let path = "\(folder)/\(name)"
      if isFile(path) {
        guard isOfZarr(name) else { return name }
      } else {
        // A link is neither, and is not followed.
        guard !isLink(path), let inner = try? FileManager.default.contentsOfDirectory(atPath: path) else {
          return name
        }
        if let other = firstOther(in: path, inner.sorted()) { return "\(name)/\(other)" }
      }
    }
    return nil
  }

  private static func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }

  /// Whether a file has the name of a document, or of a chunk: numbers, with dots or after a `c`.
  private static func isOfZarr(_ name: String) -> Bool {
    if (ZarrNode.documents + [ZarrNode.version2Attributes, ".zmetadata"]).contains(name) { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.first == "c" ? parts.dropFirst() : parts[...]
    return numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
