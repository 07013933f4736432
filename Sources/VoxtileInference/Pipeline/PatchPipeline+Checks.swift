import Voxtile

extension PatchPipeline {
  /// Throws where the model and the settings do not fit the scan.
  func checkInput(of source: ScanSource) throws(VoxtileError) {
    let input = model.signature.input
    if let channels = input.channels, channels != source.channels {
      throw VoxtileError(
        .modelNotUsable,
        "the model takes \(channels) channel\(channels == 1 ? "" : "s") (\(input)), but the scan has \(source.channels); "
          + "give it files with \(channels) in all",
        remedy: channels == 1 && source.readers.count == 1 && !source.info.isPlanar
          ? .predictTimePoints : nil,
        context: .init(expected: "\(channels)", found: "\(source.channels)"))
    }
    if model.signature.spatialRank == 3, source.info.isPlanar {
      throw VoxtileError(
        .modelNotUsable,
        "the model takes volumes (\(input)), but the image is \(source.info.extent); use a 2D model",
        context: .init(expected: "a volume", found: "\(source.info.extent)"))
    }
    if let orientation = settings.orientation, !isSeenFlat(source.info), source.info.metadata.place != .world
    {
      throw VoxtileError(
        .unsupportedFormat,
        "the scan does not say which side is left, so it cannot be turned to \(orientation)",
        remedy: .keepOrientation,
        context: .init(expected: "a scan with an orientation", found: "voxel sizes alone"))
    }
    guard settings.batch >= 1 else {
      throw VoxtileError(
        .invalidOption, "a batch of \(settings.batch) patches is empty; use 1 or more",
        context: .init(expected: ">= 1", found: "\(settings.batch)"))
    }
    if model.signature.spatialRank == 2, settings.mirrors.contains(.z) {
      throw VoxtileError(
        .invalidOption,
        "the model sees slices (\(input)), which cannot be mirrored along z; mirror along x or y",
        context: .init(axis: .z, expected: "x or y", found: "z"))
    }
    if let largest = model.capabilities.largestBatch, batch > largest {
      throw VoxtileError(
        .modelNotUsable,
        "the model takes batches of at most \(largest), not of \(batch); use a smaller batch",
        context: .init(expected: "<= \(largest)", found: "\(batch)"))
    }
    if let fixed = input.batch, settings.batch > 1, settings.batch != fixed {
      throw VoxtileError(
        .modelNotUsable,
        "the model takes batches of \(fixed) (\(input)), not of \(settings.batch); leave the batch to it",
        context: .init(expected: "\(fixed)", found: "\(settings.batch)"))
    }
  }

  /// Throws where a batch cannot be held, before anything of its size is made.
  func checkBatch(of patch: Extent, channels: Int) throws(VoxtileError) {
    let bytes = patch.sizes.all.reduce(4 * Double(batch) * Double(channels)) { $0 * Double($1) }
    let limit = settings.limits.memory ?? MachineMemory.byteCount
    guard bytes <= Double(limit) else {
      throw VoxtileError(
        .memoryTooLow,
        "a batch of \(batch) x \(channels) x \(patch) is \(Int(min(bytes / 0x1p20, 1e15))) MiB, more than the "
          + "\(limit >> 20) MiB of memory; use smaller patches or batches",
        context: .init(expected: "<= \(limit >> 20) MiB", found: "\(patch)"))
    }
  }

  /// Throws where the size of a patch is no multiple of what the model needs.
  func checkMultiple(of patch: Extent) throws(VoxtileError) {
    guard let multiple = patchMultiple else { return }
    for axis in Axis.allCases where !patch[axis].isMultiple(of: multiple[axis]) {
      throw VoxtileError(
        .modelNotUsable,
        "the model takes patches that are a multiple of \(multiple[axis]) along \(axis), not of \(patch[axis])",
        context: .init(axis: axis, expected: "a multiple of \(multiple[axis])", found: "\(patch[axis])"))
    }
  }

  /// Throws where patches of which only the middle is predicted cannot be laid as the settings ask.
  func checkMargin(_ margin: PerAxis<Int>, of patch: Extent) throws(VoxtileError) {
    if let axis = Axis.allCases.first(where: { patch[$0] <= 2 * margin[$0] }) {
      throw VoxtileError(
        .invalidGrid,
        "a patch of \(patch[axis]) along \(axis) is nothing but margin, of which the model needs \(margin[axis]) on each side; "
          + "use a larger patch",
        context: .init(axis: axis, expected: "> \(2 * margin[axis])", found: "\(patch[axis])"))
    }
    if let mode = settings.compatibility {
      throw VoxtileError(
        .invalidOption,
        "the model predicts only the middle of its patch, which '\(mode)' does not know; leave the compatibility mode out",
        context: .init(expected: "no compatibility mode", found: "\(mode)"))
    }
    if settings.edge.all.contains(.partial) {
      throw VoxtileError(
        .invalidGrid,
        "a model that predicts only the middle of its patch cannot predict a smaller last patch",
        remedy: .avoidPartialPatches)
    }
  }

  /// Throws where a patch is smaller than the only size that the model takes.
  func checkFixedSizes(of grid: PatchGrid) throws(VoxtileError) {
    for (axis, size) in zip(dimensions, model.signature.input.spatial) {
      let tiling = grid.axes[axis]
      guard let size,
        let smaller = tiling.starts.indices.map({ tiling.range(at: $0).count }).first(where: { $0 != size })
      else { continue }
      throw VoxtileError(
        .modelNotUsable,
        "the model takes patches of \(size) along \(axis) (\(model.signature.input)), but one of \(smaller) is left",
        remedy: .avoidPartialPatches,
        context: .init(axis: axis, expected: "\(size)", found: "\(smaller)"))
    }
  }
}

extension InferencePlan {
  /// Fewer voxels along an axis than this, of more, are hardly a picture of anything.
  private static let fewVoxels = 8

  /// That resampling has left the model hardly any voxels along some axis.
  var remarksOnFewVoxels: [PredictionRemark] {
    let few = Axis.allCases.filter {
      seenExtent[$0] < Self.fewVoxels && seenExtent[$0] < scanExtent[$0]
    }
    guard !few.isEmpty else { return [] }
    let (seen, scan) = (seenExtent.sizes.all, scanExtent.sizes.all)
    func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "x") }
    return [
      PredictionRemark(
        "of \(text(scan)) voxels the network sees \(text(seen)), fewer than \(Self.fewVoxels) along "
          + "\(few.map { "\($0)" }.joined(separator: " and ")), so it can hardly find anything; look at the size of its voxels",
        remedy: .keepVoxels)
    ]
  }
}
