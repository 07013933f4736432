import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

/// The scans for which a grid is proposed; those that are cut alike and need the same memory are one kind.
struct FitScans {
  /// Scans that are cut alike and need the same memory.
  struct Kind {
    /// One of them.
    let file: any VolumeReader
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

  /// The files, none of which is open, and what stands for sizes that were given instead.
  let files: [any VolumeReader]
  /// The size of the first one.
  let size: ImageSize
  /// The sizes that were given instead of files.
  let sizes: [String]

  /// Reads the headers of files, and of all scans that are in folders; or takes sizes such as `512x512x300`.
  ///
  /// - Parameters:
  ///   - inputs: files, folders, patterns or sizes.
  ///   - search: which files of a folder are meant.
  init(_ inputs: [String], search: SearchOptions) throws {
    let sizes = inputs.filter { PlannedSize($0) != nil }
    let files = try inputs.flatMap { input -> [any VolumeReader] in
      if let size = PlannedSize(input) { return [size] }
      let paths = try search.list(input)?.map { $0.images[0] } ?? [input]
      return try paths.map { try VolumeOnDemand($0) }
    }
    size = ImageSize(files[0].info)
    for file in files where file.info.isPlanar != size.isPlanar {
      throw ValidationError(
        "the scans are \(size) and \(ImageSize(file.info)); one patch cannot be 2D and 3D")
    }
    (self.files, self.sizes) = (files, sizes)
    Input.sayNotes(on: files.compactMap { ($0 as? VolumeOnDemand).map { ($0.path, $0.info.notes) } })
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
