import Synchronization
import Voxtile
import VoxtileFormats

/// The work of cutting one image, once the scalar type is known.
struct CropJob: Sendable {
  let reader: any VolumeReader
  let grid: PatchGrid
  let fileExtension: String
  let folder: String
  let plan: MemoryPlan<CropStep>
  let options: PatchStore.CropOptions

  func runOpened() throws -> [Manifest.Entry] {
    func open<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> [Manifest.Entry] {
      try run(type)
    }
    return try open(reader.info.scalarType.type)
  }

  private func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> [Manifest.Entry] {
    let entries = Mutex([Manifest.Entry?](repeating: nil, count: grid.count))
    let cutter = PatchCutter(reader: reader, grid: grid, plan: plan, progress: options.progress)
    try cutter.forEachPatch(of: type) { patch, volume in
      let entry = try write(volume, at: patch)
      entries.withLock { $0[patch.index] = entry }
    }
    return entries.withLock { $0.compactMap(\.self) }
  }

  private func write(_ volume: Volume<some VoxelScalar>, at patch: Patch) throws -> Manifest.Entry {
    let name = PatchFileName.name(
      of: patch, in: grid, suffix: options.fileSuffix, fileExtension: fileExtension)
    let path = "\(folder)/\(name)"
    let values =
      options.values?.stored(volume, sourceScaling: reader.info.scaling, counting: options.findings) ?? volume
    var info = reader.info
    info.extent = volume.extent
    info.metadata = volume.metadata
    if let map = options.values { info = map.info(of: info) }
    let isPart = patch.region != Region(grid.extent)
    func write(_ volume: some AnyVolume) throws -> Checksum {
      try writePatchFile(
        volume.typed, as: info, to: path, isPart: isPart,
        options: WriteOptions(
          compression: options.compression, chunk: options.chunk, formatVersion: options.formatVersion))
    }
    return Manifest.Entry(file: name, checksum: try write(values))
  }
}
