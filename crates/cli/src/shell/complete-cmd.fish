complete -c {{cmd}} -f -a '(__assumerole_complete --in-place)'
complete -c {{cmd}} -l config -r -F -d 'Instead of ~/.assumerole'
