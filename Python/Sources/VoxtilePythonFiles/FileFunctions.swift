import Voxtile
import VoxtileFormats
import VoxtilePython
import VoxtileStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where a function leaves its result, JSON that the caller frees with `voxtile_free`.
typealias TextPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Leaves a result.
func give(_ json: String, to place: TextPlace?) throws(CallError) {
  guard let place else { throw CallError(.invalidArgument, "the place of the result is null") }
  place.pointee = strdup(json)
}

/// A number as JSON, which has no NaN and no infinity.
func json(_ number: Double) -> String { number.isFinite ? "\(number)" : "null" }

/// Values, which are JSON, as a JSON array.
func json(_ values: [String]) -> String { "[" + values.joined(separator: ",") + "]" }

/// What an image is, z before y before x.
func json(_ info: VolumeInfo) -> String {
  let rank = info.isPlanar ? 2 : 3
  let sizes = info.extent.sizes.all.prefix(rank).reversed().map { "\($0)" }
  var fields = [
    ("shape", json(sizes)), ("channels", "\(info.channels)"), ("dtype", quoted(info.scalarType.rawValue)),
    ("is_label_map", "\(info.isLabelMap)"), ("place", quoted(info.metadata.place.rawValue)),
    ("spacing", json(info.metadata.spacing.all.prefix(rank).reversed().map(json))),
    ("affine", json(info.metadata.affine.rows.map { json($0.map(json)) })),
    ("notes", json(info.notes.map(quoted))),
    ("details", object(info.details.map { ($0.name, quoted($0.value)) })),
  ]
  if let scaling = info.scaling {
    fields.append(("scaling", json([json(scaling.slope), json(scaling.intercept)])))
  }
  return object(fields)
}

/// Describes an image file from its header.
@c(voxtile_file_info)
public func fileInfo(
  _ path: UnsafePointer<CChar>?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    try give(json(try ImageFormats.open(try text(path, name: "the path")).info), to: result)
  }
}

/// Reads a box of an image file.
///
/// - Parameters:
///   - start: the first voxel of the box along x, y and z.
///   - size: its size.
///   - type: the scalar type of the values: that of the file, or `float32` or `float64` for real values.
///   - target: memory for exactly the box, of shape `(channels, depth, height, width)`.
@c(voxtile_file_read)
public func fileRead(
  _ path: UnsafePointer<CChar>?, _ start: UnsafePointer<Int>?, _ size: UnsafePointer<Int>?,
  _ type: UnsafePointer<CChar>?, _ target: UnsafeMutableRawPointer?, _ count: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let reader = try ImageFormats.open(try text(path, name: "the path"))
    let region = try region(start, size, in: reader.info.extent)
    func read<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let memory = try Memory<Scalar>(target, count: count, name: "the target")
      let isStored = reader.info.scaling == nil && reader.info.scalarType == Scalar.scalarType
      guard isStored || !Scalar.scalarType.isInteger else {
        throw CallError(
          .invalidArgument,
          "the file holds \(reader.info.scaling == nil ? "" : "scaled ")\(reader.info.scalarType.rawValue); it is read as "
            + "\(reader.info.scaling == nil ? "that, " : "")float32 or float64, not as \(Scalar.scalarType.rawValue)"
        )
      }
      let voxels =
        isStored
        ? try reader.read(region, as: Scalar.self).voxels
        : try reader.readReal(region, as: Scalar.self, jobs: .one).voxels
      guard voxels.count == memory.buffer.count else {
        throw CallError(
          .invalidArgument,
          "\(reader.info.channels) channels of \(region.extent) voxels do not fit memory for \(memory.buffer.count) values"
        )
      }
      _ = memory.buffer.update(fromContentsOf: voxels)
    }
    try read(try scalarType(type))
  }
}

/// Writes an image as another file.
@c(voxtile_file_convert)
public func fileConvert(
  _ input: UnsafePointer<CChar>?, _ output: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ follower: (@convention(c) (Int, Int) -> Int32)?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    var options = try CallOptions(options)
    var conversion = ImageConversion()
    conversion.limits = try options.limits()
    conversion.channel = try options.whole("channel", in: 0...Int(Int32.max))
    conversion.isGray = try options.flag("gray")
    conversion.values = try options.scalarType().map { ValueMap(scalarType: $0) }
    conversion.write = WriteOptions(
      isReplacing: try options.flag("replace"), jobs: conversion.limits.jobs.count)
    conversion.progress = progress(follower)
    try options.checkAllTaken()
    let report = try conversion.convert(
      try text(input, name: "the input"), to: try text(output, name: "the output"))
    try give(
      object([("info", json(report.info)), ("wrote_real_values", "\(report.wroteRealValues)")]), to: result)
  }
}

/// Cuts an image file into a folder of patch files.
@c(voxtile_file_crop)
public func fileCrop(
  _ input: UnsafePointer<CChar>?, _ folder: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ follower: (@convention(c) (Int, Int) -> Int32)?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    var options = try CallOptions(options)
    let input = try text(input, name: "the input")
    let reader = try ImageFormats.open(input)
    guard let patch = try options.patch(isPlanar: reader.info.isPlanar) else {
      throw CallError(.invalidArgument, "the size of a patch is missing")
    }
    let settings = GridSettings(
      patch: patch, overlap: try options.overlaps(patch: patch) ?? PerAxis(.fraction(0.5), patch: patch),
      edge: try options.edges() ?? PerAxis(.shift), padding: try options.padding() ?? .constant(0),
      order: try options.named("order", "x or z") { PatchOrder(rawValue: $0) } ?? .xFastest)
    let crop = PatchStore.CropOptions(
      fileExtension: options.word("format"), fileSuffix: options.word("suffix") ?? "",
      isReplacing: try options.flag("replace"), limits: try options.limits(), progress: progress(follower))
    try options.checkAllTaken()
    let store = try PatchStore.crop(
      reader, of: input, into: try text(folder, name: "the folder"),
      grid: PatchGrid(over: reader.info.extent, settings: settings), options: crop)
    let files = store.manifest.entries.map { quoted($0.file) }
    try give(object([("patches", "\(files.count)"), ("files", json(files))]), to: result)
  }
}

/// Merges a folder of patch files into an image file.
@c(voxtile_file_merge)
public func fileMerge(
  _ folder: UnsafePointer<CChar>?, _ output: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ follower: (@convention(c) (Int, Int) -> Int32)?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    var options = try CallOptions(options)
    let limits = try options.limits()
    let (blend, leastInstanceIoU) = try options.mergeBlend()
    let merge = PatchStore.MergeOptions(
      blend: blend, leastInstanceIoU: leastInstanceIoU, fill: try options.number("fill") ?? 0,
      outputKind: try options.named("output_kind", "values or labels") { PatchStore.MergedKind(rawValue: $0) }
        ?? .values,
      scalarType: try options.scalarType(),
      nan: try options.named("nan", "propagate, ignore or error") {
        ["propagate": NaNPolicy.propagate, "ignore": .ignore, "error": .error][$0]
      } ?? .propagate,
      missing: try options.named("missing", "error or fill") { PatchStore.MissingPatches(rawValue: $0) }
        ?? .error,
      pattern: options.word("pattern"), ignoresPositions: try options.flag("ignore_positions"),
      write: WriteOptions(isReplacing: try options.flag("replace"), jobs: limits.jobs.count), limits: limits,
      progress: progress(follower))
    let manifest = options.word("manifest")
    try options.checkAllTaken()
    let store = try PatchStore(contentsOf: try text(folder, name: "the folder"), manifest: manifest)
    let report = try store.merge(to: try text(output, name: "the output"), options: merge)
    try give(
      object([
        ("blend", quoted(report.method)), ("dtype", quoted(report.scalarType.rawValue)),
        ("channels", "\(report.channels)"), ("uncovered_voxels", "\(report.uncoveredVoxels)"),
        ("missing_patches", json(report.missingPatches.map { "\($0)" })),
        ("saturated_values", "\(report.saturatedValues)"),
        ("zeroed_nan_values", "\(report.zeroedNaNValues)"),
      ]), to: result)
  }
}

/// Checks a folder of patch files.
@c(voxtile_file_verify)
public func fileVerify(
  _ folder: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ follower: (@convention(c) (Int, Int) -> Int32)?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    var options = try CallOptions(options)
    let (manifest, against, pattern) = (
      options.word("manifest"), options.word("against"), options.word("pattern")
    )
    let limits = try options.limits()
    try options.checkAllTaken()
    let store = try PatchStore(contentsOf: try text(folder, name: "the folder"), manifest: manifest)
    let report = try store.verify(
      against: against, pattern: pattern, limits: limits, progress: progress(follower))
    let findings = report.findings.map { finding in
      object([
        ("kind", quoted(finding.kind.rawValue)), ("patch", "\(finding.patch)"),
        ("file", quoted(finding.file)),
        ("message", quoted(finding.message)),
      ])
    }
    try give(
      object([
        ("findings", json(findings)), ("unlisted_files", json(report.unlistedFiles.map(quoted))),
        ("lost_voxels", "\(report.coverage.lostVoxels)"),
      ]), to: result)
  }
}
