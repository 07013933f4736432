import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileStore

/// The scans for which a grid is proposed; those that are cut alike and need the same memory are one kind.
struct FitScans {
  /// Scans that are cut alike and need the same memory.
  struct Kind {
    /// One of them: its file, or several that are its channels.
    let readers: [any VolumeReader]
    /// How they are cut, with the mean of their spacings and their number.
    var scan: GridFit.Scan
  }

  /// What two scans of one kind have in common; their spacings may differ.
  private struct Need: Hashable {
    let extent: Extent
    /// That of the scan itself, which is resampled.
    let scanExtent: Extent
    let valueBytes: Int
    let isRandomAccess: Bool
    /// A network may see scans of one size in different orientations.
    let orientation: String
  }

  /// The files of each scan, none of which is open, and what stands for sizes that were given instead.
  let scans: [[any VolumeReader]]
  /// The size of the first one.
  let size: ImageSize
  /// The sizes that were given instead of files.
  let sizes: [String]

  /// Reads the headers of files, and of all scans that are in folders; or takes sizes such as `512x512x300`.
  ///
  /// - Parameters:
  ///   - inputs: files, folders, patterns or sizes.
  ///   - search: which files of a folder are meant.
  ///   - naming: which of them are the channels of one scan.
  ///   - areChannels: whether several inputs are the channels of one scan.
  init(
    _ inputs: [String], search: SearchOptions, naming: ChannelNaming = .single, areChannels: Bool = false
  ) throws {
    let sizes = inputs.filter { PlannedSize($0) != nil }
    var scans = try inputs.flatMap { input -> [[any VolumeReader]] in
      if let size = PlannedSize(input) { return [[size]] }
      return try Self.open(try search.list(input, naming: naming)?.map(\.images) ?? [[input]])
    }
    if areChannels { scans = [scans.flatMap(\.self)] }
    try self.init(scans, sizes: sizes)
  }

  /// Reads the headers of the scans of a table.
  ///
  /// - Parameter takesAll: whether all images of a scan are its channels; else the first one counts.
  init(_ table: CaseList, takesAll: Bool) throws {
    try self.init(try Self.open(table.map { takesAll ? $0.images : [$0.images[0]] }), sizes: [])
  }

  private init(_ scans: [[any VolumeReader]], sizes: [String]) throws {
    size = ImageSize(scans[0][0].info)
    for scan in scans where scan[0].info.isPlanar != size.isPlanar {
      throw ValidationError(
        "the scans are \(size) and \(ImageSize(scan[0].info)); one patch cannot be 2D and 3D")
    }
    (self.scans, self.sizes) = (scans, sizes)
    Input.sayNotes(on: scans.joined().compactMap { ($0 as? VolumeOnDemand).map { ($0.path, $0.info.notes) } })
  }

  private static func open(_ scans: [[String]]) throws -> [[any VolumeReader]] {
    try scans.map { try $0.map { try VolumeOnDemand($0) } }
  }

  /// The kinds of scans.
  ///
  /// - Parameter scan: how a scan is cut.
  func kinds(_ scan: (VolumeInfo) throws -> GridFit.Scan) throws -> [Kind] {
    var kinds: [Kind] = []
    var known: [Need: Int] = [:]
    for readers in scans {
      let info = readers[0].info
      let own = try scan(info)
      let need = Need(
        extent: own.extent, scanExtent: info.extent,
        valueBytes: readers.reduce(0) { $0 + $1.info.channels * $1.info.scalarType.byteCount },
        isRandomAccess: readers.allSatisfy(\.isRandomAccess), orientation: info.metadata.affine.orientation)
      if let index = known[need] {
        kinds[index].scan.add(own)
      } else {
        known[need] = kinds.count
        kinds.append(Kind(readers: readers, scan: own))
      }
    }
    return kinds
  }

  /// The number of scans and their size, or the smallest and largest size.
  var text: String {
    let extents = Set(scans.map { $0[0].info.extent })
    if let only = extents.first, extents.count == 1 {
      return "\(Console.count(scans.count, "scan")) of \(only)"
    }
    let all = extents.map(\.sizes)
    func bound(_ bound: ([Int]) -> Int?) -> Extent {
      Extent(PerAxis(0).map { axis, _ in bound(all.map { $0[axis] }) ?? 1 })
    }
    return "\(Console.count(scans.count, "scan")) of \(bound { $0.min() }) to \(bound { $0.max() })"
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
