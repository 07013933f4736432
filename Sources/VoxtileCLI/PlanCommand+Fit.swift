import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

extension PlanCommand {
  /// Proposes patch and overlap.
  func runFit() throws {
    let scans = try FitScans(input)
    let extent = scans.infos[0].extent
    var model = try FitModel(fit, limits: limits)
    let search = try self.search(over: scans, extent: extent, model: model)
    var memory = GridFit.cropAndMerge(
      scans.infos, isRandomAccess: scans.readers.allSatisfy(\.isRandomAccess), jobs: limits.threads,
      limit: limits.memoryLimit)
    if model != nil {
      try model?.time(search.patchToTry(), over: scans.readers, fit: search)
      if let model { memory = model.memory(over: scans.readers, fit: search) }
    }
    let proposals = try search.proposals { grid, scan in
      try Interrupt.check()
      return try memory(grid, scan)
    }
    if let best = proposals.first, try best.patch != search.patchToTry() {
      // The classes are known now; the time has to be that of the patch that is proposed.
      try model?.time(best.patch, over: scans.readers, fit: search)
    }
    let isPlanar = extent.isPlanar || search.isPlanar
    let summary = FitSummary(
      scans: scans.count, edge: search.edge.all.map(\.description), memoryLimit: limits.memoryLimit,
      model: fit.model, orientation: model?.orientation?.description, multipleOf: search.multiple.all,
      proposals: try proposals.enumerated().map { number, proposal in
        let seconds = try scans.readers.compactMap {
          try model?.plan(proposal.patch, proposal.overlap, over: $0, fit: search)?.seconds
        }
        return FitSummary.Proposal(
          rank: number + 1, patch: proposal.patch.sizes.all, overlap: proposal.overlap.all,
          patches: proposal.patches, lostVoxels: proposal.lostVoxels, redundancy: proposal.redundancy,
          peakBytes: proposal.peakBytes, seconds: seconds.max(), reason: proposal.reason)
      })
    if json {
      try Console.printJSON(summary)
    } else {
      let lines = summary.lines(over: scans, isPlanar: isPlanar, on: .output)
      try Console.result(lines.joined(separator: "\n"))
    }
    if let remark = summary.remark(isPlanar: isPlanar) { Console.note(remark) }
  }

  private func search(over scans: FitScans, extent: Extent, model: FitModel?) throws -> GridFit {
    let isPlanar = model?.isPlanar ?? false
    let shown = isPlanar ? Extent(width: extent.width, height: extent.height) : extent
    let fixed = model?.fixedPatch
    var asked = try patch?.extent(over: shown) ?? fixed ?? model?.trainedPatch
    if let fixed, patch != nil, asked != fixed {
      throw ValidationError(
        "the network takes patches of \(fixed) only; leave out --patch")
    }
    if isPlanar, let patch = asked { asked = Extent(width: patch.width, height: patch.height) }
    if fit.keep.contains(.patch), asked == nil {
      throw ValidationError("--keep patch needs --patch, or a network that has a size")
    }
    if asked == nil, limits.memory == nil {
      throw ValidationError("--fit needs --memory, or --patch with the size that you would like")
    }
    let usual: OverlapArgument = model == nil ? .quarter : .half
    let overlap = layout.overlap ?? usual
    var search = GridFit(
      scans: scans.infos.map { model?.scan($0) ?? GridFit.Scan($0) },
      overlap: try overlap.size.expanded(over: shown, planar: .voxels(0), option: "--overlap"))
    search.patch = asked
    search.keepsPatch = fixed != nil || fit.keep.contains(.patch)
    search.keepsOverlap = fit.keep.contains(.overlap)
    search.multiple = try fit.multiple(over: shown, patch: asked)
    try checkKept(by: search)
    search.edge = try layout.edge(over: extent)
    search.padding = layout.padding ?? .constant(0)
    search.order = layout.order ?? .xFastest
    search.padsSmallScans = model != nil
    search.isPlanar = isPlanar
    return search
  }

  /// Makes sure that what is kept contradicts nothing.
  private func checkKept(by search: GridFit) throws {
    guard let patch = search.patch, search.keepsPatch else { return }
    for axis in Axis.allCases where patch[axis] > 1 {
      if fit.multipleOf != nil, !patch[axis].isMultiple(of: search.multiple[axis]) {
        throw ValidationError(
          "--keep patch keeps \(patch), which is no multiple of \(search.multiple[axis]) along \(axis); leave out --multiple-of"
        )
      }
      do {
        _ = try search.overlap[axis].voxels(patch: patch[axis], axis: axis)
      } catch {
        throw ValidationError(error.message)
      }
    }
  }
}
