import Voxtile
import VoxtileFormats

/// The patches of one scan, chosen once more with the settings of a list, and compared with it.
struct SampleRepetition {
  private let manifest: SampleManifest
  private let scan: SampleManifest.Scan
  private let places: [Int]

  /// - Parameter places: the places of the scan's patches in the list.
  init(_ manifest: SampleManifest, of scan: SampleManifest.Scan, places: [Int]) {
    (self.manifest, self.scan, self.places) = (manifest, scan, places)
  }

  /// Everything in the list that is not what its settings choose.
  ///
  /// - Parameter files: the files of the scan.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit does not do.
  func findings(choosingFrom files: SampledScan, limits: JobLimits) throws -> [PatchStore.Finding] {
    guard var options = manifest.settings.options else { return [] }
    options.limits = limits
    try SampleSet.checkMemory(limits)
    do {
      return findings(in: try SampleSet.Case(files, options: options, scansAtOnce: 1))
    } catch {
      if let error = error as? VoxtileError, error.code == .memoryTooLow { throw error }
      let message = (error as? VoxtileError)?.message ?? "\(error)"
      return [finding("the patches of \(scan.name) cannot be chosen again: \(message)")]
    }
  }

  private func findings(in one: SampleSet.Case) -> [PatchStore.Finding] {
    let expected = SampleManifest.Scan(
      one, images: scan.images, labels: scan.labels, weights: scan.weights)
    var findings: [PatchStore.Finding] = []
    if expected.extent != scan.extent || expected.affine != scan.affine {
      findings.append(finding("\(scan.name) has another size or place than the list says"))
    }
    if expected.voxels != scan.voxels {
      findings.append(finding("\(scan.name) has other numbers of voxels of its labels than the list says"))
    }
    if expected.components != scan.components { findings.append(componentFinding(expected.components)) }
    if one.patches.count != places.count {
      findings.append(
        finding("\(one.patches.count) patches are chosen of \(scan.name), the list has \(places.count)"))
    }
    findings += imageFindings(in: one)
    for (place, patch) in zip(places, one.patches.enumerated()) {
      var wanted = SampleManifest.Patch(patch.element, number: patch.offset, of: one, files: nil)
      let listed = manifest.patches[place]
      (wanted.images, wanted.labels) = (listed.images, listed.labels)
      (wanted.imageChecksums, wanted.labelChecksum) = (listed.imageChecksums, listed.labelChecksum)
      guard wanted != listed else { continue }
      let what =
        wanted.start == listed.start
        ? "\(Self.differences(wanted, listed)) not as chosen again"
        : "starts at \(Self.list(listed.start)), chosen again at \(Self.list(wanted.start))"
      findings.append(finding("patch \(listed.number) of \(scan.name): \(what)", at: place))
    }
    return findings
  }

  /// The first patch that has more or fewer images than its scan gives.
  private func imageFindings(in one: SampleSet.Case) -> [PatchStore.Finding] {
    let wanted =
      manifest.settings.layout == SampleLayout.nnunet.rawValue ? one.channels : scan.images.count
    let wrong = places.first { place in manifest.patches[place].images.map { $0.count != wanted } ?? false }
    return wrong.map { place in
      let patch = manifest.patches[place]
      let count = patch.images?.count ?? 0
      return [
        finding(
          "the number of images is \(count) for patch \(patch.number) of \(scan.name), and \(wanted) for the scan",
          at: place)
      ]
    } ?? []
  }

  private func componentFinding(_ expected: [SampleManifest.Component]) -> PatchStore.Finding {
    guard expected.count == scan.components.count else {
      return finding(
        "\(scan.name) has \(expected.count) components, the list says \(scan.components.count)")
    }
    guard let (wanted, listed) = zip(expected, scan.components).first(where: { $0 != $1 }) else {
      return finding("components of \(scan.name) are not as the list says")
    }
    let same = wanted.start == listed.start && wanted.extent == listed.extent
    let differences = [
      ("label", wanted.label == listed.label), ("voxels", wanted.voxels == listed.voxels), ("box", same),
      ("number", wanted.id == listed.id), ("patches", wanted.patches == listed.patches),
      ("coverage", wanted.coverage == listed.coverage),
    ]
    return finding(
      "component \(wanted.id) of \(scan.name) is not as the list says: \(Self.words(differences))")
  }

  /// What is not the same of two patches that start at one place.
  private static func differences(_ a: SampleManifest.Patch, _ b: SampleManifest.Patch) -> String {
    let names = words([
      ("reason", a.reason == b.reason), ("voxels of labels", a.voxels == b.voxels),
      ("voxels of tissue", a.tissue == b.tissue), ("tries", a.tries == b.tries),
      ("rules that it does not keep", a.relaxed == b.relaxed), ("number", a.number == b.number),
    ])
    return names.isEmpty ? "it is" : "its \(names) are"
  }

  /// The names of those that are not the same.
  private static func words(_ things: [(name: String, areSame: Bool)]) -> String {
    things.filter { !$0.areSame }.map(\.name).joined(separator: ", ")
  }

  private func finding(_ message: String, at place: Int? = nil) -> PatchStore.Finding {
    PatchStore.Finding(
      kind: .different, patch: place ?? places.first ?? 0, file: SampleManifest.fileName, message: message)
  }

  private static func list(_ voxel: [Int]) -> String { voxel.map(String.init).joined(separator: ", ") }
}
