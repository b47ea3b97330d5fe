"""Programs that measure in a process of their own. They need no vcf: any Python runs them."""
