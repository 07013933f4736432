import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ReplaceableFolder {
  /// A Zarr store with one image: an array, or a group with the arrays of its levels, and nothing but their documents and chunks.
  ///
  /// Other groups, such as one with labels, are somebody's work too, so a store that has one is not replaced.
  package static let zarr = ReplaceableFolder(holding: "one Zarr image") { folder, names in
    // What cannot be opened as an image is not known to be one.
    guard (try? ZarrImage(at: folder)) != nil else { return names.first }
    return firstOther(in: folder, names)
  }

  private static func firstOther(in folder: String, _ names: [String]) -> String? {
    guard let node = try? ZarrNode(ZarrFolder(path: folder)) else { return names.first }
    for name in names {
      let path = "\(folder)/\(name)"
      if documents.contains(name), isFile(path) { continue }
      switch node {
      case .array(let array):
        if let other = firstOther(than: name, in: folder, indices: array.shape.count, isFirst: true) {
          return other
        }
      case .group:
        guard let inner = content(of: path), case .array? = try? ZarrNode(ZarrFolder(path: path)) else {
          return name
        }
        if let other = firstOther(in: path, inner) { return "\(name)/\(other)" }
      }
    }
    return nil
  }

  private static let documents = ZarrNode.documents + [ZarrNode.version2Attributes, ".zmetadata"]

  /// The first thing at a path that is no chunk, which has as many numbers in its path as the array has axes, with dots between
  /// them or in folders, and a `c` before them or not.
  private static func firstOther(
    than name: String, in folder: String, indices: Int, isFirst: Bool
  ) -> String? {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)[...]
    if isFirst, parts.first == "c" { parts = parts.dropFirst() }
    guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
      return name
    }
    let (path, left) = ("\(folder)/\(name)", indices - parts.count)
    if isFile(path) { return left == 0 ? nil : name }
    guard left > 0, let inner = content(of: path) else { return name }
    for other in inner {
      if let found = firstOther(than: other, in: path, indices: left, isFirst: false) {
        return "\(name)/\(found)"
      }
    }
    return nil
  }

  /// The names in a folder, sorted; `nil` where it is none, or a link, which is not followed.
  private static func content(of path: String) -> [String]? {
    guard (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil else { return nil }
    return (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted()
  }
}
