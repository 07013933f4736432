import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension SampleSet {
  /// Writes a set into a new folder, which appears when all is in it.
  ///
  /// - Parameters:
  ///   - folder: the folder; made together with those above it.
  ///   - options: those that the set was chosen with.
  /// - Returns: the manifest, as it was written.
  /// - Throws: the first of ``failures``; `VoxtileError.Code.targetExists` where the folder exists, `VoxtileError.Code.fileAccess`
  ///   where something cannot be written, `VoxtileError.Code.unsupportedFormat` where labels are not those that nnU-Net takes, and
  ///   what the progress throws.
  @discardableResult
  public func write(to folder: String, options: SampleOptions) throws -> SampleManifest {
    if let failure = failures.first { throw failure.error }
    let dataset = try SampleDataset(self, options: options)
    let sources = cases.flatMap { $0.scan.images + [$0.scan.labels, $0.scan.weights].compactMap(\.self) }
    let target = try AtomicFolder(
      folder, replacing: options.isReplacing, of: .samples,
      keeping: sources + options.otherFiles)
    do {
      let files = try options.writesPatches ? writePatches(into: target.temporaryPath, options: options) : nil
      var manifest = try SampleManifest(self, in: folder, options: options, files: files)
      if files != nil {
        for (name, json) in try dataset.files(manifest) {
          let path = "\(target.temporaryPath)/\(name)"
          try Self.write(json, to: path)
          manifest.files = (manifest.files ?? [:]).merging([name: try Checksum(ofFile: path).description]) {
            $1
          }
        }
      }
      try Self.write(manifest.json(), to: "\(target.temporaryPath)/\(SampleManifest.fileName)")
      try target.commit()
      return manifest
    } catch let error as VoxtileError {
      throw target.named(error)
    }
  }

  private static func write(_ json: Data, to path: String) throws {
    let file = try AtomicFile(path, durable: false)
    try [UInt8](json).withUnsafeBytes { bytes in try file.write(bytes, at: 0) }
    try file.commit()
  }

  private func writePatches(into folder: String, options: SampleOptions) throws -> [[SamplePatchFiles.Files]]
  {
    for name in [options.layout.imageFolder, options.layout.labelFolder] {
      try Folder.make("\(folder)/\(name)")
    }
    let done = ProgressCounter(options.progress, of: cases.reduce(0) { $0 + $1.patches.count })
    return try cases.map { one in
      let writer = try SamplePatchFiles(
        one.scan, count: one.patches.count, into: folder, options: options)
      return try jobs(for: writer, options: options).mapThrowing(one.patches.count) { number in
        try Task.checkCancellation()
        let files = try writer.write(one.patches[number], number: number)
        try done.countOne()
        return files
      }
    }
  }

  /// As many threads as there is memory for, each with a patch and the buffers of its file.
  private func jobs(for writer: SamplePatchFiles, options: SampleOptions) throws(VoxtileError) -> Jobs {
    let limits = options.limits.onThisMachine
    let each = MemoryCost.sum(writer.patchBytes, MemoryCost.thread)
    let free = (limits.memory ?? .max) - MemoryCost.program
    guard each <= free else {
      throw .memoryTooLow(limits.memory ?? .max, needed: MemoryCost.sum(each, MemoryCost.program))
    }
    return Jobs(min(limits.jobs.count, max(1, free / each)))
  }
}

extension ReplaceableFolder {
  /// A folder with a list of samples and the patches that it names.
  static let samples = ReplaceableFolder(holding: "the patches of its list") { folder, names in
    guard let manifest = try? SampleManifest(contentsOf: "\(folder)/\(SampleManifest.fileName)") else {
      return names.first
    }
    let ours = Set(manifest.patchFiles)
    let own = manifest.ownFiles
    for name in names where !own.contains(name) {
      let inner = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")
      guard let inner, !inner.isEmpty || !isFile("\(folder)/\(name)") else { return name }
      if let other = inner.first(where: { !ours.contains("\(name)/\($0)") }) { return "\(name)/\(other)" }
    }
    return nil
  }
}
