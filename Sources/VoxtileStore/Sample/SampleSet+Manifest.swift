import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension SampleManifest {
  /// Describes a set.
  ///
  /// - Parameters:
  ///   - folder: the folder of the set, to which paths are relative.
  ///   - files: the files of each patch of each scan; `nil` where none were written.
  init(
    _ set: SampleSet, in folder: String, options: SampleOptions, files: [[SamplePatchFiles.Files]]?
  ) throws {
    settings = Settings(options)
    scans = try set.cases.map { try Scan($0, in: folder) }
    patches = set.cases.enumerated().flatMap { place, one in
      one.patches.enumerated().map { number, patch in
        Patch(patch, number: number, of: one, files: files?[place][number])
      }
    }
  }
}

extension SampleManifest.Source {
  fileprivate init(_ path: String, in folder: String) throws {
    self.init(
      path: path.relative(to: folder), checksum: try Checksum(ofImage: path).description)
  }
}

extension SampleManifest.Scan {
  fileprivate init(_ one: SampleSet.Case, in folder: String) throws {
    self.init(
      one, images: try one.scan.images.map { try .init($0, in: folder) },
      labels: try .init(one.scan.labels, in: folder),
      weights: try one.scan.weights.map { try .init($0, in: folder) })
  }

  /// Describes a scan whose files are described already.
  init(
    _ one: SampleSet.Case, images: [SampleManifest.Source], labels: SampleManifest.Source,
    weights: SampleManifest.Source?
  ) {
    let uncovered = Set(one.uncovered)
    self.init(
      name: one.scan.name, images: images, labels: labels, weights: weights, extent: one.extent.sizes.all,
      affine: one.affine.rows,
      voxels: Dictionary(uniqueKeysWithValues: one.classes.map { ("\($0.value)", $0.voxelCount) }),
      components: one.components.enumerated().map { place, component in
        SampleManifest.Component(
          id: place + 1, label: component.value, voxels: component.voxelCount,
          start: Axis.allCases.map { component.region.origin[$0] },
          extent: component.region.extent.sizes.all, patches: one.holders[place],
          coverage: one.holders[place] > 0 ? .whole : uncovered.contains(place) ? .uncovered : .tiled)
      }, split: Self.split(isForTraining: one.isForTraining))
  }
}

extension SampleManifest.Patch {
  init(
    _ patch: SampledPatch, number: Int, of one: SampleSet.Case, files: SamplePatchFiles.Files?
  ) {
    let counts = zip(one.classes, patch.classVoxels).filter { $0.1 > 0 }
    self.init(
      scan: one.scan.name, number: number, start: Axis.allCases.map { patch.region.origin[$0] },
      images: files?.images, labels: files?.labels, imageChecksums: files?.imageChecksums.map(\.description),
      labelChecksum: files?.labelChecksum.description, reason: .init(patch.reason),
      voxels: Dictionary(uniqueKeysWithValues: counts.map { ("\($0.value)", $1) }),
      tissue: patch.tissueVoxels,
      tries: patch.tries, relaxed: patch.relaxed.isEmpty ? nil : patch.relaxed.map(\.rawValue))
  }
}

extension SampleManifest.Reason {
  init(_ reason: SampledPatch.Reason) {
    func list(_ voxel: Position) -> [Int] { Axis.allCases.map { voxel[$0] } }
    switch reason {
    case .cover(let component): self.init(kind: "cover", component: component + 1)
    case .label(let label, let voxel): self.init(kind: "label", label: label, voxel: list(voxel))
    case .foreground(let voxel): self.init(kind: "foreground", voxel: list(voxel))
    case .component(let component, let voxel):
      self.init(kind: "component", component: component + 1, voxel: list(voxel))
    case .hard(let voxel): self.init(kind: "hard", voxel: list(voxel))
    case .negative: self.init(kind: "negative")
    default: self.init(kind: "anywhere")
    }
  }
}

extension String {
  /// The path from a folder to this file.
  fileprivate func relative(to folder: String) -> String {
    // Both are followed through links, as `..` is.
    func parts(_ path: String) -> [String] {
      let whole = URL(filePath: path).absoluteURL.standardizedFileURL.path
      let real = Durable.resolved(whole.parentFolder).map { "\($0)/\(whole.fileName)" } ?? whole
      return real.split(separator: "/").map(String.init)
    }
    let (own, other) = (parts(self), parts(folder))
    let shared = zip(own, other).prefix { $0 == $1 }.count
    return (other.dropFirst(shared).map { _ in ".." } + own.dropFirst(shared)).joined(separator: "/")
  }
}
