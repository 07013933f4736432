import Voxtile
import VoxtileFormats

/// Gathers what the headers of patch files say, one after another, and checks that they fit the grid and each other.
struct HeaderSurvey {
  private let manifest: Manifest
  private let options: PatchStore.MergeOptions
  /// What the first file says.
  private(set) var first: VolumeInfo?
  private(set) var scalarTypes: Set<ScalarType> = []
  private(set) var hasOneScaling = true
  private(set) var isScaled = false
  private(set) var isLabelMap = true
  private(set) var isRandomAccess = true
  /// The most that a reader of a folder holds itself, in bytes.
  private(set) var storeBytes = 0
  private(set) var turns: [Int: FileAxes] = [:]
  private(set) var openFiles = OpenPatchFiles()

  init(_ manifest: Manifest, options: PatchStore.MergeOptions) {
    self.manifest = manifest
    self.options = options
  }

  /// Takes the header of one more file.
  ///
  /// - Throws: `VoxtileError.Code.shapeMismatch` for another size or position than the patch has or another number of
  ///   channels than the first file, `VoxtileError.Code.typeMismatch` for another scalar type where none was asked for and the values are no
  ///   instances.
  mutating func add(_ reader: any VolumeReader, of patch: Patch, file: String) throws {
    var info = reader.info
    let placement = PatchPlacement(
      of: info, as: patch, in: manifest, file: file, ignoresPosition: options.ignoresPositions)
    if case .turned(let axes) = placement {
      turns[patch.index] = axes
      info.extent = axes.boxExtent(of: info.extent)
    }
    let first = first ?? info
    try check(info, of: patch, against: first, file: file)
    if case .elsewhere(let words) = placement {
      throw VoxtileError(
        .shapeMismatch, words, remedy: .ignorePositions,
        context: .init(file: file, expected: "the position of patch \(patch.index)", found: words))
    }
    scalarTypes.insert(info.scalarType)
    isRandomAccess = isRandomAccess && reader.isRandomAccess
    if ImageFormats.registry.format(forName: file)?.isFolder == true {
      storeBytes = max(storeBytes, reader.bufferByteCount)
    }
    hasOneScaling = hasOneScaling && info.scaling == first.scaling
    isScaled = isScaled || info.scaling != nil
    isLabelMap = isLabelMap && info.isLabelMap
    self.first = first
    openFiles.keep(reader, of: patch)
  }

  private func check(
    _ info: VolumeInfo, of patch: Patch, against first: VolumeInfo, file: String
  ) throws {
    let due = patch.region.extent
    guard info.extent == due else {
      let isChannelsFirst =
        info.extent.height == due.width && info.extent.depth == due.height && info.channels == due.depth
      throw VoxtileError(
        .shapeMismatch,
        "is \(info.extent), but patch \(patch.index) is \(due); "
          + (isChannelsFirst
            ? "its \(info.extent.width == 1 ? "channel axis comes" : "\(info.extent.width) channels come") first, as in an "
              + "array of shape (channels, x, y, z): move them to the end before saving"
            : "the tool that wrote it must keep the size"),
        context: .init(file: file, expected: "\(due)", found: "\(info.extent)"))
    }
    guard info.channels == first.channels else {
      throw VoxtileError(
        .shapeMismatch,
        "has \(info.channels) channels, but the first patch has \(first.channels); all must have as many",
        context: .init(file: file, expected: "\(first.channels)", found: "\(info.channels)"))
    }
    guard info.palette == first.palette else {
      throw VoxtileError(
        .typeMismatch,
        "has \(info.palette == nil ? "no palette" : "another palette than the first patch"), so that its values mean other "
          + "colors; give all patches one palette",
        context: .init(file: file, expected: "the palette of the first patch", found: "another one"))
    }
    guard info.scalarType == first.scalarType || options.scalarType != nil || options.leastInstanceIoU != nil
    else {
      throw VoxtileError(
        .typeMismatch,
        "holds \(info.scalarType.rawValue), but the first patch holds \(first.scalarType.rawValue)",
        remedy: .mergeAsOneScalarType,
        context: .init(
          file: file, expected: first.scalarType.rawValue, found: info.scalarType.rawValue))
    }
  }
}
