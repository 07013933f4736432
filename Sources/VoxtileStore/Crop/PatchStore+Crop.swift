import Voxtile
import VoxtileFormats

extension PatchStore {
  /// How a folder of patches is written.
  public struct CropOptions: Sendable {
    /// The ending of the patch files, such as `nii.gz`, one of `FormatRegistry.patchEndings`; `nil` for the source's own.
    public var fileExtension: String?
    /// What the name of each patch file has before its ending, such as `_0000`, which nnU-Net asks for; at most 64 bytes,
    /// without `/`. A merge finds outputs with it and without.
    public var fileSuffix: String
    /// What is done to the real values of the image before they are written; `nil` where they stay as they are. The manifest
    /// records it. Without one, real values are written where the format of the patches cannot say how stored ones become real.
    public var values: ValueMap?
    /// Counts what the scalar type of ``values`` cannot hold.
    public var findings = ValueFindings()
    /// Whether an older patch folder may be replaced.
    public var isReplacing: Bool
    /// How hard compressed formats compress.
    public var compression: WriteOptions.CompressionLevel
    /// The size of a chunk where patches are stores of chunks; `nil` for one that suits most uses.
    public var chunk: Extent?
    /// The version of a format of which several are written, such as 2 of Zarr; `nil` for the usual one.
    public var formatVersion: Int?
    /// How much of the machine is used.
    public var limits: JobLimits
    /// Who follows the job.
    public var progress: JobProgress

    /// Creates options.
    public init(
      fileExtension: String? = nil, fileSuffix: String = "", values: ValueMap? = nil,
      isReplacing: Bool = false,
      compression: WriteOptions.CompressionLevel = .standard, chunk: Extent? = nil, formatVersion: Int? = nil,
      limits: JobLimits = JobLimits(),
      progress: JobProgress = .none
    ) {
      self.fileExtension = fileExtension
      self.fileSuffix = fileSuffix
      self.values = values
      self.isReplacing = isReplacing
      self.compression = compression
      self.chunk = chunk
      self.formatVersion = formatVersion
      self.limits = limits
      self.progress = progress
    }
  }

  /// Cuts an image file into a folder of patch files.
  ///
  /// The image is read slab by slab, in one pass, or in smaller boxes where slabs do not fit in the memory
  /// allowed (``MemoryPlan/crop(_:of:values:isRandomAccess:bufferBytes:limits:)``). The folder appears when all patches and the manifest are
  /// in it; an error or an interrupt leaves nothing.
  ///
  /// - Parameters:
  ///   - input: the path of an image in any of `ImageFormats`.
  ///   - folder: where the patches go; made together with the folders above it.
  ///   - settings: the grid. A padding constant is a real value: it is stored by the image's scaling.
  ///   - options: how the patches are written.
  /// - Returns: the folder, ready to be merged.
  /// - Throws: `VoxtileError`: an image that cannot be read, a grid that cannot be laid
  ///   (`VoxtileError.Code.invalidGrid`), a format that cannot hold the patches
  ///   (`VoxtileError.Code.unsupportedFormat`), an existing folder
  ///   (`VoxtileError.Code.targetExists`), a full disk or an image
  ///   that was written to meanwhile (`VoxtileError.Code.fileAccess`); and what the
  ///   progress throws.
  @discardableResult
  public static func crop(
    _ input: String, into folder: String, settings: GridSettings, options: CropOptions = CropOptions()
  ) throws -> PatchStore {
    let reader = try ImageFormats.open(input)
    return try crop(
      reader, of: input, into: folder, grid: PatchGrid(over: reader.info.extent, settings: settings),
      options: options)
  }

  /// Cuts an image that is open already into a folder of patch files, on a grid that is laid already.
  ///
  /// - Parameters:
  ///   - reader: the image.
  ///   - input: the path of its file, whose name the manifest keeps and whose format the patches get.
  ///   - folder: where the patches go; made together with the folders above it.
  ///   - grid: a grid over the extent of the image.
  ///   - options: how the patches are written.
  /// - Returns: the folder, ready to be merged.
  /// - Throws: as ``crop(_:into:settings:options:)``, and `VoxtileError.Code.shapeMismatch` where the grid is over
  ///   another extent.
  @discardableResult
  public static func crop(
    _ reader: any VolumeReader, of input: String, into folder: String, grid: PatchGrid,
    options: CropOptions = CropOptions()
  ) throws -> PatchStore {
    guard grid.extent == reader.info.extent else {
      throw VoxtileError.gridMismatch(grid: grid.extent, volume: reader.info.extent).inFile(input)
    }
    try MemoryCost.checkPatch(of: grid, channels: reader.info.channels, scalarType: reader.info.scalarType)
    try Manifest.checkCount(of: grid)
    let fileExtension = try patchExtension(options.fileExtension, input: input)
    var options = options
    options.values = options.values ?? realValues(of: reader.info, fileExtension: fileExtension)
    try checkValues(options.values, of: reader.info, input: input)
    let plan = try MemoryPlan.crop(
      grid, of: reader.info, values: options.values, isRandomAccess: reader.isRandomAccess,
      bufferBytes: reader.bufferByteCount,
      limits: options.limits.onThisMachine)
    try checkSuffix(options.fileSuffix)
    let target = try AtomicFolder(folder, replacing: options.isReplacing, of: .patches, keeping: [input])
    let job = CropJob(
      reader: reader, grid: try grid.forStoredValues(reader.info.scaling), fileExtension: fileExtension,
      folder: target.temporaryPath, plan: plan, options: options)
    let manifest: Manifest
    do {
      manifest = Manifest(
        source: Manifest.Source(
          name: input.fileName, info: reader.info),
        grid: grid, fileExtension: fileExtension, fileSuffix: options.fileSuffix,
        values: options.values, entries: try job.runOpened())
      let file = try AtomicFile("\(target.temporaryPath)/\(Manifest.fileName)", durable: false)
      try [UInt8](manifest.json()).withUnsafeBytes { bytes in try file.write(bytes, at: 0) }
      try file.commit()
      try reader.checkFileUnchanged()
    } catch let error as VoxtileError {
      throw target.named(error).inFile(input)
    }
    try target.commit()
    return PatchStore(folder: folder, manifest: manifest)
  }

  /// The map to real values where patch files cannot say how stored ones become real, as ``ImageConversion`` does it; otherwise
  /// `nil`.
  private static func realValues(of info: VolumeInfo, fileExtension: String) -> ValueMap? {
    let format = ImageFormats.registry.format(forName: "patch.\(fileExtension)")
    return ValueMap(realValuesOf: info, in: format, ending: fileExtension)
  }

  private static func checkValues(
    _ values: ValueMap?, of info: VolumeInfo, input: String
  ) throws(VoxtileError) {
    guard let values else { return }
    do {
      try values.check(for: info)
    } catch {
      throw error.inFile(input)
    }
    guard !values.keepsZero else {
      throw VoxtileError(
        .invalidOption,
        "a manifest cannot say that voxels of 0 stay 0 whatever is done to the others; convert the image first, and cut the "
          + "result")
    }
  }

  private static func checkSuffix(_ suffix: String) throws(VoxtileError) {
    guard suffix.utf8.count <= 64,
      suffix.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") })
    else {
      throw VoxtileError(
        .invalidOption,
        "the suffix '\(suffix)' cannot be a part of file names; use at most 64 bytes without '/', such as _0000",
        context: .init(expected: "a part of a name", found: suffix))
    }
  }

  /// The ending of patch files: the one asked for, or the source's.
  private static func patchExtension(_ asked: String?, input: String) throws -> String {
    guard let asked else { return ImageFormats.registry.patchEnding(forName: input) }
    let allowed = ImageFormats.registry.patchEndings
    guard allowed.contains(asked) else {
      throw VoxtileError(
        .invalidOption,
        "patches cannot be written as '\(asked)'; use \(allowed.joined(separator: ", "))",
        context: .init(expected: allowed.joined(separator: ", "), found: asked))
    }
    return asked
  }
}
