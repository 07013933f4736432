import Synchronization
import Voxtile
import VoxtileFormats

/// The work of cutting one image, once the scalar type is known.
struct CropJob: Sendable {
  let reader: any VolumeReader
  let grid: PatchGrid
  let fileExtension: String
  let folder: String
  let plan: MemoryPlan
  let options: PatchStore.CropOptions

  func runOpened() throws -> [Manifest.Entry] {
    func open<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> [Manifest.Entry] {
      try run(type)
    }
    return try open(reader.info.scalarType.type)
  }

  private func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> [Manifest.Entry] {
    let entries = Mutex([Manifest.Entry?](repeating: nil, count: grid.count))
    let done = Mutex(0)
    try options.progress(0, of: grid.count)
    let reader =
      try plan.scratchBytes > 0
      ? ScratchVolume(copying: reader) { try options.progress(0, of: grid.count) } : reader
    let next = Mutex(CropWindow<Scalar>(grid: grid, step: step))
    try next.withLock { try $0.advance(to: 0) { region in try reader.read(region) } }
    for group in 0..<next.withLock({ $0.groupCount }) {
      let window = next.withLock { $0 }
      let patches = window.patches(inGroup: group)
      // The first task reads for the next group, while the others write the patches of this one.
      try plan.jobs.forEachThrowing(patches.count + 1) { task in
        guard task > 0 else {
          return try next.withLock { next in
            guard group + 1 < next.groupCount else { return }
            try next.advance(to: group + 1) { region in try reader.read(region) }
          }
        }
        let patch = patches[task - 1]
        let entry = try write(window[patch], at: patch)
        entries.withLock { $0[patch.index] = entry }
        let count = done.withLock { done in
          done += 1
          return done
        }
        try options.progress(count, of: grid.count)
      }
    }
    return entries.withLock { $0.compactMap(\.self) }
  }

  private var step: CropStep {
    switch plan.method {
    case .cropRows: .row
    case .cropPatches: .patch
    default: .layer
    }
  }

  private func write(_ volume: Volume<some VoxelScalar>, at patch: Patch) throws -> Manifest.Entry {
    let name = PatchFileName.name(of: patch, in: grid, fileExtension: fileExtension)
    let path = "\(folder)/\(name)"
    var info = reader.info
    info.extent = volume.extent
    info.metadata = volume.metadata
    let writer = try ImageFormats.create(
      path, info: info, options: WriteOptions(compression: options.compression))
    try writer.write(volume, slices: 0..<volume.extent.depth)
    try writer.finish()
    return Manifest.Entry(file: name, checksum: try Checksum(ofFile: path))
  }
}
