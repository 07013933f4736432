import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The scans for which a grid is proposed; those that are cut alike and need the same memory are one kind.
struct FitScans {
  /// Scans that are cut alike and need the same memory.
  struct Kind {
    /// One of them.
    let file: VolumeOnDemand
    /// How they are cut, with the mean of their spacings and their number.
    var scan: GridFit.Scan
  }

  /// What two scans of one kind have in common; their spacings may differ.
  private struct Need: Hashable {
    let extent: Extent
    let valueBytes: Int
    let isRandomAccess: Bool
    /// A network may see scans of one size in different orientations.
    let orientation: String
  }

  /// The files, none of which is open.
  let files: [VolumeOnDemand]
  /// The size of the first one.
  let size: ImageSize

  /// Reads the headers of files, and of all scans that are in folders.
  init(_ inputs: [String]) throws {
    files = try inputs.flatMap(Self.files).map { try VolumeOnDemand($0) }
    guard let first = files.first else {
      throw ValidationError("there is no scan in \(inputs.joined(separator: ", "))")
    }
    size = ImageSize(first.info)
    for file in files where file.info.isPlanar != size.isPlanar {
      throw ValidationError(
        "the scans are \(size) and \(ImageSize(file.info)); one patch cannot be 2D and 3D")
    }
    Input.sayNotes(on: files.map { ($0.path, $0.info.notes) })
  }

  /// The kinds of scans.
  ///
  /// - Parameter scan: how a scan is cut.
  func kinds(_ scan: (VolumeInfo) -> GridFit.Scan) -> [Kind] {
    var kinds: [Kind] = []
    var known: [Need: Int] = [:]
    for file in files {
      let (info, own) = (file.info, scan(file.info))
      let need = Need(
        extent: own.extent, valueBytes: info.channels * info.scalarType.byteCount,
        isRandomAccess: file.isRandomAccess, orientation: info.metadata.affine.orientation)
      if let index = known[need] {
        kinds[index].scan.add(own)
      } else {
        known[need] = kinds.count
        kinds.append(Kind(file: file, scan: own))
      }
    }
    return kinds
  }

  private static func files(at path: String) throws -> [String] {
    // A folder may be an image itself.
    guard isFolder(path), !ImageFormats.registry.recognizes(path) else { return [path] }
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    // A pair of files is opened through its header; the file with its voxels is its companion.
    let registry = ImageFormats.registry
    let scans = names.filter { name in
      registry.format(forName: name) != nil && !name.hasPrefix(".") && !registry.isCompanion(name)
    }.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }.filter {
      !isFolder($0) || registry.recognizes($0)
    }
    guard !scans.isEmpty else { throw ValidationError("there is no scan in \(path)") }
    return scans
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  /// The number of scans and their size, or the smallest and largest size.
  var text: String {
    let extents = Set(files.map(\.info.extent))
    if let only = extents.first, extents.count == 1 {
      return "\(Console.count(files.count, "scan")) of \(only)"
    }
    let all = extents.map(\.sizes)
    func bound(_ bound: ([Int]) -> Int?) -> Extent {
      Extent(PerAxis(0).map { axis, _ in bound(all.map { $0[axis] }) ?? 1 })
    }
    return "\(Console.count(files.count, "scan")) of \(bound { $0.min() }) to \(bound { $0.max() })"
  }
}

extension GridFit.Scan {
  /// Counts another scan of the same kind.
  fileprivate mutating func add(_ other: Self) {
    let (own, total) = (Double(count), Double(count + 1))
    spacing = spacing.map { axis, mean in (mean * own + other.spacing[axis]) / total }
    count += 1
  }
}
