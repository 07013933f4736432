internal import CVoxtileKernels

/// The instructions that kernels use. All give the same bits.
package struct KernelInstructions: Sendable {
  let value: voxtile_instructions

  /// Those that every processor of the architecture has.
  package static let baseline = KernelInstructions(value: VOXTILE_BASELINE)
  /// The best that this processor has.
  package static let best = KernelInstructions(value: voxtile_best_instructions())
}
